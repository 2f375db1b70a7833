package qmp

import "io"

// Blocks of a buffer grow from the first size to the second while the stream
// fills them, so that a hundred silent monitors cost little.
const (
	firstBlock = 4 << 10
	lastBlock  = 64 << 10
)

// buffer is a window on a stream. Bytes that were handed out as part of a value
// are never written again, unless with reuse: when a block is full a new one
// takes its place, and the old one lives as long as something points into it.
type buffer struct {
	reuse     bool
	b         []byte // block and padding
	start     int    // of what has not been used
	end       int    // of what has been read
	scanned   int    // how far the scanner is, while it works
	handedOut int    // everything before it belongs to others
	base      int64  // offset of b[0] in the stream
	size      int    // of the next block
	eof       bool
	pending   error // of the reader, returned by the next fill
}

// handOut notes that a value that ends at end belongs to others from now on.
func (b *buffer) handOut(end int) {
	if !b.reuse {
		b.handedOut = end
	}
}

// fill reads once. Where all that was read has been used, room that nobody was
// given is used again.
func (b *buffer) fill(r io.Reader) (int, error) {
	if err := b.pending; err != nil {
		b.pending = nil
		return 0, err
	}
	if b.start == b.end {
		b.base += int64(b.end - b.handedOut)
		b.start, b.end, b.scanned = b.handedOut, b.handedOut, b.handedOut
	}
	b.makeRoom()
	for range 100 {
		n, err := r.Read(b.b[b.end : len(b.b)-padding])
		if n < 0 || n > len(b.b)-padding-b.end {
			panic("qmp: reader returned an impossible count")
		}
		b.end += n
		b.b[b.end] = 0
		if err == io.EOF {
			b.eof = true
			return n, nil
		}
		if n > 0 {
			b.pending = err
			return n, nil
		}
		if err != nil {
			return 0, err
		}
	}
	return 0, io.ErrNoProgress
}

// makeRoom moves on to a new block when the rest of this one is not worth a
// read. It takes an unfinished value along, and leaves it room to double.
func (b *buffer) makeRoom() {
	room := len(b.b) - padding - b.end
	if room >= min(512, b.size) && room > 0 {
		return
	}
	unfinished := b.b[b.start:b.end]
	size := max(firstBlock, b.size)
	b.size = min(2*size, lastBlock)
	block := b.b
	if need := 2 * len(unfinished); !b.reuse || max(need, size) > len(block)-padding {
		block = make([]byte, max(need, size)+padding)
	}
	copy(block, unfinished)
	b.base += int64(b.start)
	b.scanned -= b.start
	b.b, b.start, b.end, b.handedOut = block, 0, len(unfinished), 0
}

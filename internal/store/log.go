package store

// Entry is one entry of the log.
type Entry struct {
	// Pos is its place in the one order, from 1, without gaps.
	Pos uint64
	// Line is a JSON object without a line end and without the member seq, at
	// most MaxEntry bytes. Read gives it with seq.
	Line []byte
}

// MaxEntry bounds the line of an entry, in bytes.
const MaxEntry = 4 << 20

// Log is the one order in which everything enters the pure rooms. The contract
// is storetest.Log; *Journal is the one on files.
//
// One goroutine appends; others may read meanwhile.
type Log interface {
	// Append adds lines in order and returns the position of the last. When it
	// returns without an error they survive the death of process and machine;
	// with one, none of them is in the log and the next call may succeed. May
	// block for as long as the disk does.
	Append(lines ...[]byte) (last uint64, err error)
	// Read calls f for each entry behind position after, in order, up to the
	// one that was the last when it began. An entry is valid until f returns.
	// An error of f ends it and is returned.
	Read(after uint64, f func(Entry) error) error
	// Last is the position of the newest entry, 0 when there never was one.
	Last() uint64
}

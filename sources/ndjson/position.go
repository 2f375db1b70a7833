package ndjson

import (
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"strconv"
	"syscall"
)

// position says how far a file was read. Its text form is
// "inode:offset:checksum"; to others it is opaque.
type position struct {
	inode  uint64
	offset int64 // behind the value that was read last
	// head is the checksum of the first bytes of the file, at most headSize and
	// none behind offset. An inode number is given to another file as soon as
	// its own is deleted, and a file that was emptied may have grown again:
	// neither keeps the head.
	head uint32
}

// headSize is more than a greeting, behind which comes what differs.
const headSize = 1024

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (p position) String() string {
	b := strconv.AppendUint(make([]byte, 0, 48), p.inode, 10)
	b = strconv.AppendInt(append(b, ':'), p.offset, 10)
	b = append(b, ':')
	for shift := 28; shift >= 0; shift -= 4 {
		b = append(b, "0123456789abcdef"[p.head>>shift&15])
	}
	return string(b)
}

func parsePosition(s string) (p position, ok bool) {
	n, err := fmt.Sscanf(s, "%d:%d:%08x", &p.inode, &p.offset, &p.head)
	return p, n == 3 && err == nil && p.offset >= 0 && p.String() == s
}

// headOf is the checksum of the head of a file that was read up to offset; ok
// is false when the file does not have that much, or cannot be read.
func headOf(f io.ReaderAt, offset int64) (sum uint32, ok bool) {
	buf := make([]byte, min(offset, headSize))
	n, _ := f.ReadAt(buf, 0) // the end of the file is what n says
	return crc32.Checksum(buf[:n], castagnoli), n == len(buf)
}

// fileID is which file it is, whatever its name.
type fileID struct{ dev, inode uint64 }

func idOf(info os.FileInfo) fileID {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return fileID{uint64(s.Dev), s.Ino}
	}
	return fileID{}
}

// links is how many names a file has; 0: it was deleted.
func links(info os.FileInfo) uint64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(s.Nlink)
	}
	return 1
}

package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"iter"
	"maps"
	"math"
	"slices"
)

// A database file as bbolt lays it out: pages, the first two of which are metas.
// bbolt trusts what it maps into memory, follows whatever a page says and ends
// the process where that makes no sense. So each file is read here first, by one
// who trusts nothing.
const (
	pageHeader   = 16 // number, flags, count, overflow
	pageElement  = 16
	bucketHeader = 16 // root, sequence; behind it a page, if root is 0
	metaSize     = 64 // with its checksum
	metaMagic    = 0xED0CDAED
	metaVersion  = 2
	maxDepth     = 100
	firstTx      = 1   // the newest of a file that is new
	maxNames     = 100 // of buckets; what damage makes up is no name

	branchPage   = 0x01
	leafPage     = 0x02
	freelistPage = 0x10
	bucketFlag   = 0x01
	noFreelist   = math.MaxUint64
)

// file is a database file that is looked at.
type file struct {
	data     []byte
	pageSize uint64
	root     uint64
	freelist uint64
	high     uint64 // number of the first page that was never used
	tx       uint64

	metas    int
	used     map[uint64]bool
	problems []error
	each     func(bucket string, key, value []byte)
}

// readFile calls each for every key of a database file, and returns what is
// wrong with it, nil when nothing is. What nothing leads to any more because of
// damage comes last, under the name of every bucket that it could be of.
func readFile(data []byte, each func(bucket string, key, value []byte)) (problems []error) {
	f := &file{data: data, used: make(map[uint64]bool), each: each}
	if !f.meta() {
		return []error{errors.New("neither of its two beginnings makes sense")}
	}
	if f.metas < 2 {
		f.problems = append(f.problems, errors.New("one of its two beginnings is damaged: the last transaction may be missing"))
	}
	if size := uint64(len(data)); f.high > size/f.pageSize {
		f.problems = append(f.problems, fmt.Errorf("the file has %d bytes, but %d pages of %d bytes", size, f.high, f.pageSize))
	}
	f.page(f.root, "", true, 0, nil, nil)
	if sound := f.free(); sound && len(f.problems) > 0 {
		f.orphans()
	}
	return f.problems
}

// meta finds the newest meta.
func (f *file) meta() bool {
	for size := uint64(1024); size <= 64<<10; size *= 2 {
		for _, at := range []uint64{0, size} {
			if at+pageHeader+metaSize > uint64(len(f.data)) {
				continue
			}
			m := f.data[at+pageHeader : at+pageHeader+metaSize]
			h := fnv.New64a()
			h.Write(m[:metaSize-8])
			word := func(at int) uint64 { return binary.NativeEndian.Uint64(m[at:]) }
			if binary.NativeEndian.Uint32(m) != metaMagic || binary.NativeEndian.Uint32(m[4:]) != metaVersion ||
				uint64(binary.NativeEndian.Uint32(m[8:])) != size || word(56) != h.Sum64() {
				continue
			}
			f.metas++
			if tx := word(48); f.pageSize == 0 || tx > f.tx {
				f.pageSize, f.root, f.freelist, f.high, f.tx = size, word(16), word(32), word(40), tx
			}
		}
	}
	return f.pageSize != 0
}

func (f *file) wrong(number uint64, format string, args ...any) {
	f.problems = append(f.problems, fmt.Errorf("page %d: %s", number, fmt.Sprintf(format, args...)))
}

// bytesOf returns a page with those it flows over into, and takes note that they
// are used.
func (f *file) bytesOf(number uint64) []byte {
	end := uint64(len(f.data)) / f.pageSize
	if number < 2 || number >= f.high || number >= end {
		f.wrong(number, "is referred to, but the file has none of that number")
		return nil
	}
	b := f.data[number*f.pageSize:]
	if own := binary.NativeEndian.Uint64(b); own != number {
		f.wrong(number, "says that it is page %d", own)
		return nil
	}
	more := uint64(binary.NativeEndian.Uint32(b[12:]))
	if number+more >= f.high || number+more >= end {
		f.wrong(number, "reaches beyond the end of the file")
		return nil
	}
	for n := number; n <= number+more; n++ {
		if f.used[n] {
			f.wrong(n, "is used twice")
			return nil
		}
	}
	for n := number; n <= number+more; n++ {
		f.used[n] = true
	}
	return b[:(more+1)*f.pageSize]
}

// page visits a page of the tree of a bucket, top for that of the names of
// buckets. Its first key is low, as its parent says: bbolt finds it there by that,
// and tears the tree where it does not. All are less than high; nil is no bound.
func (f *file) page(number uint64, bucket string, top bool, depth int, low, high []byte) {
	if depth > maxDepth {
		f.wrong(number, "is too deep")
		return
	}
	if b := f.bytesOf(number); b != nil {
		f.elements(number, b, bucket, top, depth, low, high)
	}
}

// elements visits the elements of a page, which may stand in the value of a
// bucket.
func (f *file) elements(number uint64, b []byte, bucket string, top bool, depth int, low, high []byte) {
	flags, count := binary.NativeEndian.Uint16(b[8:]), int(binary.NativeEndian.Uint16(b[10:]))
	if flags != branchPage && flags != leafPage || pageHeader+count*pageElement > len(b) || flags == branchPage && count == 0 {
		f.wrong(number, "is no part of a tree")
		return
	}
	// Of a bucket that lost its last key nothing is left but a value.
	inline := uint64(len(b)) < f.pageSize
	if count == 0 && !inline && !(top && f.tx <= firstTx) {
		f.wrong(number, "is empty")
	}
	cut := func(at, pos, size uint64) []byte { // size bytes at pos behind the element at
		if from := at + pos; pos >= pageElement && from+size <= uint64(len(b)) {
			return b[from : from+size : from+size]
		}
		f.wrong(number, "an element is outside of it")
		return nil
	}
	type child struct {
		key    []byte
		number uint64
	}
	var children []child
	last := low
	end := uint64(pageHeader + count*pageElement) // of what is written, without gaps: else some are missing
	for i := range count {
		at := uint64(pageHeader + i*pageElement)
		word := func(n uint64) uint64 { return uint64(binary.NativeEndian.Uint32(b[at+4*n:])) }
		pos, ksize := word(0), word(1)
		if flags == leafPage {
			pos, ksize = word(1), word(2)
		}
		if at+pos != end {
			f.wrong(number, "its elements are not side by side")
		}
		end = at + pos + ksize
		if flags == leafPage {
			end += word(3)
		}
		key := cut(at, pos, ksize)
		if key == nil {
			continue
		}
		if i > 0 && bytes.Compare(key, last) <= 0 || i == 0 && low != nil && !bytes.Equal(key, low) || high != nil && bytes.Compare(key, high) >= 0 {
			f.wrong(number, "its keys are not in order")
		} else {
			last = key
		}
		if flags == branchPage {
			children = append(children, child{key, binary.NativeEndian.Uint64(b[at+8:])})
			continue
		}
		if value := cut(at, pos+ksize, word(3)); value != nil || word(3) == 0 {
			f.element(number, word(0), bucket, top, depth, key, value)
		}
	}
	if inline && end != uint64(len(b)) {
		f.wrong(number, "has a bucket with more in it than its elements")
	}
	for i, c := range children {
		next := high
		if i+1 < len(children) {
			next = children[i+1].key
		}
		f.page(c.number, bucket, top, depth+1, c.key, next)
	}
}

// element visits one key of a leaf: a value, or a bucket.
func (f *file) element(number, flags uint64, bucket string, top bool, depth int, key, value []byte) {
	switch {
	case !top && flags == 0:
		f.each(bucket, key, value)
	case !top || flags != bucketFlag || len(value) < bucketHeader:
		f.wrong(number, "has an element of an unknown kind")
	case binary.NativeEndian.Uint64(value) != 0:
		f.page(binary.NativeEndian.Uint64(value), string(key), false, depth+1, nil, nil)
	case len(value) < bucketHeader+pageHeader:
		f.wrong(number, "has a bucket that breaks off")
	default:
		f.elements(number, value[bucketHeader:], string(key), false, depth+1, nil, nil)
	}
}

// free looks at the list of free pages: one that is used must not be on it.
func (f *file) free() (sound bool) {
	if f.freelist == noFreelist {
		return false
	}
	b := f.bytesOf(f.freelist)
	if b == nil {
		return false
	}
	flags, count := binary.NativeEndian.Uint16(b[8:]), uint64(binary.NativeEndian.Uint16(b[10:]))
	b = b[pageHeader:]
	if count == math.MaxUint16 {
		count = binary.NativeEndian.Uint64(b)
		b = b[8:]
	}
	if flags != freelistPage || count > uint64(len(b))/8 {
		f.wrong(f.freelist, "is no list of free pages")
		return false
	}
	for i := range count {
		n := binary.NativeEndian.Uint64(b[8*i:])
		if n < 2 || n >= f.high || f.used[n] {
			f.wrong(f.freelist, "says that page %d is free", n)
			return false
		}
		f.used[n] = true
	}
	return true
}

// orphans visits the leaves that are neither used nor free: damage has cut them
// off. Of which bucket they are, no page says any more.
func (f *file) orphans() {
	names := f.names()
	cut := file{data: f.data, pageSize: f.pageSize, high: f.high}
	cut.each = func(_ string, key, value []byte) {
		for _, name := range names {
			f.each(name, key, value)
		}
	}
	for n := range f.leaves() {
		if f.used[n] {
			continue
		}
		cut.used = make(map[uint64]bool)
		if b := cut.bytesOf(n); b != nil {
			cut.elements(n, b, "", false, 0, nil, nil)
		}
	}
}

// leaves are all pages that look like leaves, in use or not.
func (f *file) leaves() iter.Seq2[uint64, []byte] {
	return func(yield func(uint64, []byte) bool) {
		for n := uint64(2); n < f.high && (n+1)*f.pageSize <= uint64(len(f.data)); n++ {
			b := f.data[n*f.pageSize : (n+1)*f.pageSize]
			if binary.NativeEndian.Uint64(b) == n && binary.NativeEndian.Uint16(b[8:]) == leafPage && !yield(n, b) {
				return
			}
		}
	}
}

// names are those of all buckets that any page knows, also one that is free: the
// page that said it may be the one that is damaged.
func (f *file) names() (names []string) {
	seen := make(map[string]bool)
	for _, b := range f.leaves() {
		for i := range int(binary.NativeEndian.Uint16(b[10:])) {
			at := uint64(pageHeader + i*pageElement)
			if at+pageElement > f.pageSize {
				break
			}
			word := func(n uint64) uint64 { return uint64(binary.NativeEndian.Uint32(b[at+4*n:])) }
			from, size := at+word(1), word(2)
			if word(0) == bucketFlag && size <= 64 && from+size <= f.pageSize && len(seen) < maxNames {
				seen[string(b[from:from+size])] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

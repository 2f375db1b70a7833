package aggregate

import (
	"math"
	"math/bits"
)

const (
	// lowest is the exponent of the smallest float above 0, 2^-1074, which is the
	// unit of a fixed.
	lowest = 1074
	// fixedWords hold 2^63 times the largest float, which is below 2^1024, and a
	// sign: 1074 + 1024 + 63 + 1 bits.
	fixedWords = 34
	// mantissa is how many bits a float has.
	mantissa = 53
)

// fixed is a number in fixed point, in two's complement, least word first: any
// sum of floats without an error.
type fixed [fixedWords]uint64

// add adds a finite float.
func (x *fixed) add(f float64) {
	b := math.Float64bits(f)
	digits, exponent := b&(1<<(mantissa-1)-1), int(b>>(mantissa-1)&0x7ff)
	if exponent > 0 { // else it is subnormal, in units of 2^-1074 as it is
		digits |= 1 << (mantissa - 1)
		exponent--
	}
	at, shift := exponent/64, uint(exponent%64)
	x.addWords(at, f < 0, digits<<shift, digits>>(64-shift), 0)
}

// addWhole adds a whole number of 128 bits in two's complement.
func (x *fixed) addWhole(hi, lo uint64) {
	negative := int64(hi) < 0
	if negative {
		var carry uint64
		lo, carry = bits.Add64(^lo, 1, 0)
		hi = ^hi + carry
	}
	const at, shift = lowest / 64, lowest % 64
	x.addWords(at, negative, lo<<shift, lo>>(64-shift)|hi<<shift, hi>>(64-shift))
}

// addWords adds or subtracts three words at a place.
func (x *fixed) addWords(at int, subtract bool, words ...uint64) {
	op := bits.Add64
	if subtract {
		op = bits.Sub64
	}
	var carry uint64
	for _, w := range words {
		if at < fixedWords { // beyond it w is 0
			x[at], carry = op(x[at], w, carry)
			at++
		}
	}
	for ; carry != 0 && at < fixedWords; at++ {
		x[at], carry = op(x[at], 0, carry)
	}
}

// fraction is how many words are behind the unit when a fixed is divided: by
// less than 2^64, so that more than a float's digits are left.
const fraction = 2

// over returns the float nearest to x/n, of two that are equally near the even
// one. It is infinite where there is none.
func (x *fixed) over(n uint64) float64 {
	var q [fixedWords + fraction]uint64
	negative := int64(x[fixedWords-1]) < 0
	carry := uint64(1)
	for i, w := range x {
		if negative {
			w, carry = bits.Add64(^w, 0, carry)
		}
		q[fraction+i] = w
	}
	if rest := uint64(0); n > 1 {
		for i := len(q) - 1; i >= 0; i-- {
			q[i], rest = bits.Div64(rest, q[i], n)
		}
	}
	f := nearest(q[:])
	if negative {
		return -f
	}
	return f
}

// nearest rounds a number in units of 2^-(1074+64*fraction), least word first.
// What a division left behind the last digit does not matter: a quotient that is
// not halfway between two floats shows it in the first 64 digits, because n has
// no more.
func nearest(q []uint64) float64 {
	top := len(q) - 1
	for top >= 0 && q[top] == 0 {
		top--
	}
	if top < 0 {
		return 0
	}
	highest := 64*top + bits.Len64(q[top]) - 1
	keep := max(highest-(mantissa-1), 64*fraction) // the lowest digit that a float has there
	digits := digitsAt(q, keep)
	half := digitsAt(q, keep-1)&1 != 0
	if half && (digits&1 != 0 || anyBelow(q, keep-1)) {
		digits++
	}
	return math.Ldexp(float64(digits), keep-64*fraction-lowest)
}

// digitsAt returns the 64 bits of q from the one at place i on.
func digitsAt(q []uint64, i int) uint64 {
	word, shift := i/64, uint(i%64)
	low := q[word] >> shift
	if word+1 < len(q) {
		low |= q[word+1] << (64 - shift)
	}
	return low
}

// anyBelow reports whether a bit below place i is set.
func anyBelow(q []uint64, i int) bool {
	for _, w := range q[:i/64] {
		if w != 0 {
			return true
		}
	}
	return q[i/64]<<(64-uint(i%64)) != 0
}

package qmp

import (
	"encoding/binary"
	"math/bits"
	"strconv"
)

// digits reads the decimal digits at i, eight at a time: their value, wrong when
// there are more than 19, and the index behind them.
func digits(b []byte, i int) (uint64, int) {
	// Bytes of x are 0 to 9 where the text has a digit. Adding 0x76 sets the high
	// bit of the others; a carry spoils only bytes above such a one.
	x := binary.LittleEndian.Uint64(b[i:]) ^ ones*'0'
	others := ((x + ones*0x76) | x) & highs
	if others == 0 {
		mag := eightDigits(x)
		for i += 8; b[i]-'0' <= 9; i++ {
			mag = mag*10 + uint64(b[i]-'0')
		}
		return mag, i
	}
	n := bits.TrailingZeros64(others) >> 3
	return eightDigits(x << (64 - 8*n)), i + n // leading zeros in place of the rest
}

// eightDigits adds up eight digits, the first in the lowest byte: first pairs,
// then all pairs in one multiplication.
func eightDigits(x uint64) uint64 {
	x = x*10 + x>>8
	const pair = 0x000000FF000000FF
	return ((x&pair)*(100+1000000<<32) + (x>>16&pair)*(1+10000<<32)) >> 32
}

// number reads the number that begins at i. A whole one that fits 64 bits and a
// sign has whole set and its magnitude in mag.
func (p *parser) number(i int) (mag uint64, negative, whole bool, end int) {
	b := p.b
	if b[i] == '-' {
		negative = true
		i++
	}
	first := i
	if mag, i = digits(b, i); i == first {
		return 0, false, false, p.fail(i, "expected a digit")
	}
	if b[first] == '0' && i > first+1 {
		return 0, false, false, p.fail(first+1, "leading zero in a number")
	}
	switch b[i] {
	case '.', 'e', 'E':
		return 0, negative, false, p.fraction(i)
	}
	if i >= p.n && !p.eof {
		return 0, false, false, p.fail(i, "")
	}
	if i-first >= 20 { // more digits than surely fit: look again, with care
		exact, err := strconv.ParseUint(alias(b[first:i]), 10, 64)
		return exact, negative, err == nil, i
	}
	return mag, negative, true, i
}

// fraction reads a number's fraction and exponent.
func (p *parser) fraction(i int) int {
	b := p.b
	if b[i] == '.' {
		i++
		if b[i]-'0' > 9 {
			return p.fail(i, "expected a digit after the decimal point")
		}
		for b[i]-'0' <= 9 {
			i++
		}
	}
	if b[i] == 'e' || b[i] == 'E' {
		i++
		if b[i] == '+' || b[i] == '-' {
			i++
		}
		if b[i]-'0' > 9 {
			return p.fail(i, "expected a digit in the exponent")
		}
		for b[i]-'0' <= 9 {
			i++
		}
	}
	if i >= p.n && !p.eof {
		return p.fail(i, "")
	}
	return i
}

// isNumber reports whether a number begins with c.
func isNumber(c byte) bool { return c-'0' <= 9 || c == '-' }

// literal reads one of the words true, false and null.
func (p *parser) literal(i int, word string) int {
	for k := range len(word) {
		if p.b[i+k] != word[k] {
			return p.fail(i+k, "expected "+word)
		}
	}
	return i + len(word)
}

package qmp

import "strconv"

// number reads the number that begins at i. A whole one that fits 64 bits and a
// sign has whole set and its magnitude in mag.
func (p *parser) number(i int) (mag uint64, negative, whole bool, end int) {
	b := p.b
	if b[i] == '-' {
		negative = true
		i++
	}
	first := i
	switch d := b[i] - '0'; {
	case d == 0:
		i++
	case d <= 9:
		for d <= 9 {
			mag = mag*10 + uint64(d)
			i++
			d = b[i] - '0'
		}
	default:
		return 0, false, false, p.fail(i, "expected a digit")
	}
	switch b[i] {
	case '.', 'e', 'E':
		return 0, negative, false, p.fraction(i)
	}
	if b[i]-'0' <= 9 {
		return 0, false, false, p.fail(i, "leading zero in a number")
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

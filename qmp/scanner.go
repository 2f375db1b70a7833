package qmp

// scanner finds the end of a JSON value whose bytes come in pieces, and whether
// it is valid so far, looking at each byte once. The parser, which is faster,
// needs the whole value; the scanner says when it is whole, or that it never
// will be. Both accept the same language.
type scanner struct {
	state scanState
	after scanState // state behind the string at hand
	word  string    // what is left of the literal at hand
	depth int
	lists [maxDepth + 1]bool // by level: a list, else an object
}

type scanState uint8

// Up to wantComma white space may stand before the next byte.
const (
	wantValue  scanState = iota
	wantItem             // or the end of the list
	wantMember           // or the end of the object
	wantName
	wantColon
	wantComma // or the end of the object or list
	inText
	inEscape
	inHex1
	inHex2
	inHex3
	inHex4
	inWord
	afterMinus
	afterZero
	inWhole
	afterPoint
	inFraction
	afterE
	afterSign
	inExponent
)

// scanResult says what a byte or a piece did to the value.
type scanResult uint8

const (
	scanMore   scanResult = iota // the value goes on
	scanDone                     // it ends with this byte
	scanBefore                   // it ended before this byte: a number
	scanBad                      // this byte cannot be
)

func (s *scanner) reset() { *s = scanner{} }

// feed looks at b[*i:] and moves *i behind what it has seen: behind the value
// when it is done, to the byte at fault when it is bad.
func (s *scanner) feed(b []byte, i *int) scanResult {
	for *i < len(b) {
		c := b[*i]
		if s.state == inText && c >= ' ' && c != '"' && c != '\\' || s.state <= wantComma && isSpace(c) {
			*i++
			continue
		}
		switch r := s.step(c); r {
		case scanBad:
			return r
		case scanBefore: // a number inside something, or the value itself
			if s.end() == scanDone {
				return scanDone
			}
			continue
		case scanDone:
			*i++
			return r
		}
		*i++
	}
	return scanMore
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// end says what the end of a value means where it stands.
func (s *scanner) end() scanResult {
	s.state = wantComma
	if s.depth == 0 {
		return scanDone
	}
	return scanMore
}

func (s *scanner) step(c byte) scanResult {
	switch s.state {
	case wantItem:
		if c == ']' {
			return s.pop()
		}
		return s.begin(c)
	case wantValue:
		return s.begin(c)
	case wantMember, wantName:
		if c == '}' && s.state == wantMember {
			return s.pop()
		}
		s.after = wantColon
		return s.to(inText, c == '"')
	case wantColon:
		return s.to(wantValue, c == ':')
	case wantComma:
		return s.comma(c)
	case inText, inEscape, inHex1, inHex2, inHex3, inHex4:
		return s.text(c)
	case inWord:
		if c != s.word[0] {
			return scanBad
		}
		if s.word = s.word[1:]; s.word == "" {
			return s.end()
		}
		return scanMore
	}
	return s.number(c)
}

// to goes to the next state if the byte allows it.
func (s *scanner) to(next scanState, allowed bool) scanResult {
	if !allowed {
		return scanBad
	}
	s.state = next
	return scanMore
}

func (s *scanner) begin(c byte) scanResult {
	switch c {
	case '{', '[':
		if s.depth == maxDepth {
			return scanBad
		}
		s.depth++
		s.lists[s.depth] = c == '['
		if c == '[' {
			return s.to(wantItem, true)
		}
		return s.to(wantMember, true)
	case '"':
		s.after = wantComma
		return s.to(inText, true)
	case 't':
		s.word = "rue"
	case 'f':
		s.word = "alse"
	case 'n':
		s.word = "ull"
	case '-':
		return s.to(afterMinus, true)
	case '0':
		return s.to(afterZero, true)
	default:
		return s.to(inWhole, c >= '1' && c <= '9')
	}
	return s.to(inWord, true)
}

func (s *scanner) pop() scanResult {
	s.depth--
	return s.end()
}

func (s *scanner) comma(c byte) scanResult {
	list := s.lists[s.depth]
	switch {
	case c == ',' && list:
		return s.to(wantValue, true)
	case c == ',':
		return s.to(wantName, true)
	case c == ']' && list, c == '}' && !list:
		return s.pop()
	}
	return scanBad
}

func (s *scanner) text(c byte) scanResult {
	switch s.state {
	case inText:
		switch c {
		case '\\':
			return s.to(inEscape, true)
		case '"':
			if s.after == wantComma {
				return s.end()
			}
			return s.to(s.after, true)
		}
		return scanBad
	case inEscape:
		switch c {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			return s.to(inText, true)
		}
		return s.to(inHex1, c == 'u')
	case inHex4:
		return s.to(inText, isHex(c))
	}
	return s.to(s.state+1, isHex(c))
}

func isHex(c byte) bool { return c-'0' <= 9 || c|0x20 >= 'a' && c|0x20 <= 'f' }

func (s *scanner) number(c byte) scanResult {
	digit := c-'0' <= 9
	switch s.state {
	case afterMinus:
		if c == '0' {
			return s.to(afterZero, true)
		}
		return s.to(inWhole, digit)
	case afterPoint:
		return s.to(inFraction, digit)
	case afterE:
		if c == '+' || c == '-' {
			return s.to(afterSign, true)
		}
		return s.to(inExponent, digit)
	case afterSign:
		return s.to(inExponent, digit)
	case afterZero:
		if digit {
			return scanBad
		}
	default:
		if digit {
			return scanMore
		}
	}
	switch {
	case c == '.' && s.state <= inWhole:
		return s.to(afterPoint, true)
	case c|0x20 == 'e' && s.state <= inFraction:
		return s.to(afterE, true)
	}
	return scanBefore
}

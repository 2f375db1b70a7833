package qmp

// skip reads any value without keeping it. depth is the number of objects and
// lists that are open around it.
func (p *parser) skip(i, depth int) int {
	switch c := p.b[i]; c {
	case '"':
		return p.skipString(i)
	case '{':
		return p.skipObject(i, depth+1)
	case '[':
		return p.skipList(i, depth+1)
	case 't':
		return p.literal(i, "true")
	case 'f':
		return p.literal(i, "false")
	case 'n':
		return p.literal(i, "null")
	default:
		if isNumber(c) {
			_, _, _, i = p.number(i)
			return i
		}
		return p.fail(i, "expected a value")
	}
}

const tooDeep = "nested deeper than 512 levels"

func (p *parser) skipObject(i, depth int) int {
	if depth > maxDepth {
		return p.fail(i, tooDeep)
	}
	b := p.b
	if i++; b[i] <= ' ' {
		i = p.space(i)
	}
	if b[i] == '}' {
		return i + 1
	}
	for expected := "expected a member's name in quotes, or '}'"; ; expected = "expected a member's name in quotes" {
		if b[i] != '"' {
			return p.fail(i, expected)
		}
		if i = p.skipString(i); i < 0 {
			return i
		}
		if b[i] <= ' ' {
			i = p.space(i)
		}
		if b[i] != ':' {
			return p.fail(i, "expected ':' after a member's name")
		}
		if i++; b[i] <= ' ' {
			i = p.space(i)
		}
		if i = p.skip(i, depth); i < 0 {
			return i
		}
		if b[i] <= ' ' {
			i = p.space(i)
		}
		switch b[i] {
		case '}':
			return i + 1
		case ',':
			if i++; b[i] <= ' ' {
				i = p.space(i)
			}
		default:
			return p.fail(i, "expected ',' or '}' after a member")
		}
	}
}

func (p *parser) skipList(i, depth int) int {
	if depth > maxDepth {
		return p.fail(i, tooDeep)
	}
	b := p.b
	if i++; b[i] <= ' ' {
		i = p.space(i)
	}
	if b[i] == ']' {
		return i + 1
	}
	for {
		if i = p.skip(i, depth); i < 0 {
			return i
		}
		if b[i] <= ' ' {
			i = p.space(i)
		}
		switch b[i] {
		case ']':
			return i + 1
		case ',':
			if i++; b[i] <= ' ' {
				i = p.space(i)
			}
		default:
			return p.fail(i, "expected ',' or ']' after an item")
		}
	}
}

package main

import (
	"bytes"
	"fmt"
)

// writeKinds writes the Kind constants and the perfect hash from names to them.
func writeKinds(b *bytes.Buffer, s *schema) {
	b.WriteString("\n// The kinds of events, in order of name. The numbers change from release to\n" +
		"// release: only names may be stored.\nconst (\n\tUnknown Kind = iota\n")
	for _, e := range s.Events {
		fmt.Fprintf(b, "\t%s // %s\n", e.KindConstant, e.Name)
	}
	b.WriteString("\n\tkindCount\n)\n")

	m1, m2, table := perfectHash(s)
	fmt.Fprintf(b, "\n// kindTable is a perfect hash of all names.\nvar kindTable = [1 << %d]Kind{\n", hashBits)
	for h, e := range table {
		if e != nil {
			fmt.Fprintf(b, "\t%d: %s,\n", h, e.KindConstant)
		}
	}
	fmt.Fprintf(b, `}

// kindOf returns the kind of the named event, Unknown for one that the table
// does not have.
func kindOf(name string) Kind {
	n := len(name)
	if n < %d {
		return Unknown
	}
	h := uint32(n)*%d + uint32(name[n-1]) + uint32(name[n/2])*%d + uint32(name[1])<<5 + uint32(name[n-3])<<3
	k := kindTable[h&(1<<%d-1)]
	if k == Unknown || defs[k].Name != name {
		return Unknown
	}
	return k
}
`, shortestName(s), m1, m2, hashBits)
}

const hashBits = 10

func shortestName(s *schema) int {
	n := 1 << 10
	for _, e := range s.Events {
		n = min(n, len(e.Name))
	}
	return n
}

// perfectHash finds two factors for which no two names collide. The formula is
// that of kindOf.
func perfectHash(s *schema) (m1, m2 uint32, table []*event) {
	for m1 = 1; m1 < 1000; m1++ {
	next:
		for m2 = 1; m2 < 1000; m2++ {
			table = make([]*event, 1<<hashBits)
			for _, e := range s.Events {
				name, n := e.Name, len(e.Name)
				h := uint32(n)*m1 + uint32(name[n-1]) + uint32(name[n/2])*m2 + uint32(name[1])<<5 + uint32(name[n-3])<<3
				h &= 1<<hashBits - 1
				if table[h] != nil {
					continue next
				}
				table[h] = e
			}
			return m1, m2, table
		}
	}
	panic("no perfect hash of the names: use another formula")
}

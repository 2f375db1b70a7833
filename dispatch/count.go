package dispatch

// Counts are sums over the state, for those who ask often.
type Counts struct {
	Firing   int              // alerts
	Muted    map[MuteKind]int // of those, by the first that hides them
	Silences map[State]int
}

// Counts adds up what View would show, without making it: where nothing is
// hidden it costs one look at each alert.
func (p *Planner) Counts() Counts {
	out := Counts{Firing: len(p.lives), Muted: map[MuteKind]int{}, Silences: map[State]int{}}
	for _, l := range p.lives {
		if !l.muted {
			continue
		}
		if by := p.hides(&l.change); len(by) > 0 {
			out.Muted[by[0].By]++
		}
	}
	for _, s := range p.silences.sorted() {
		out.Silences[s.State(p.now)]++
	}
	return out
}

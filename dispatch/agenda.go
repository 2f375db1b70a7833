package dispatch

import "container/heap"

// agenda has the groups that something is due for, the next one first. At one
// instant those come first that tell of an end, then the older ones.
type agenda []*group

func (a agenda) Len() int { return len(a) }

func (a agenda) Less(i, j int) bool {
	x, y := a[i], a[j]
	if x.next != y.next {
		return x.next < y.next
	}
	if x.ends != y.ends {
		return x.ends
	}
	return x.ordinal < y.ordinal
}

func (a agenda) Swap(i, j int) {
	a[i], a[j] = a[j], a[i]
	a[i].place, a[j].place = i, j
}

// Push is for package heap.
func (a *agenda) Push(x any) {
	g := x.(*group)
	g.place = len(*a)
	*a = append(*a, g)
}

// Pop is for package heap.
func (a *agenda) Pop() any {
	last := len(*a) - 1
	g := (*a)[last]
	(*a)[last] = nil
	*a = (*a)[:last]
	g.place = -1
	return g
}

// first is when the next thing is due.
func (a agenda) first() int64 {
	if len(a) == 0 {
		return never
	}
	return a[0].next
}

// set notes when something is due for a group; never takes it off.
func (a *agenda) set(g *group, next int64) {
	g.next, g.ends = next, len(g.ended) > 0
	switch {
	case next == never && g.place >= 0:
		heap.Remove(a, g.place)
	case next == never:
	case g.place < 0:
		heap.Push(a, g)
	default:
		heap.Fix(a, g.place)
	}
}

// due calls f for each group that something is due for until an instant.
func (a agenda) due(at int64, f func(*group)) {
	var walk func(i int)
	walk = func(i int) {
		if i < len(a) && a[i].next <= at {
			f(a[i])
			walk(2*i + 1)
			walk(2*i + 2)
		}
	}
	walk(0)
}

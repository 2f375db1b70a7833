package dispatch

import "container/heap"

// freshGroups are the groups of which something newer is known than their
// receivers were shown, by when they may be shown it.
type freshGroups struct {
	in   map[*group]struct{}
	line freshLine // may hold groups that are not in any more
}

type freshItem struct {
	due int64
	g   *group
}

type freshLine []freshItem

func (l freshLine) Len() int           { return len(l) }
func (l freshLine) Less(i, j int) bool { return l[i].due < l[j].due }
func (l freshLine) Swap(i, j int)      { l[i], l[j] = l[j], l[i] }

// Push is for package heap.
func (l *freshLine) Push(x any) { *l = append(*l, x.(freshItem)) }

// Pop is for package heap.
func (l *freshLine) Pop() any {
	last := len(*l) - 1
	item := (*l)[last]
	*l = (*l)[:last]
	return item
}

func (f *freshGroups) add(g *group) {
	if _, there := f.in[g]; !there {
		f.in[g] = struct{}{}
		heap.Push(&f.line, freshItem{g.drawn + micros(UpdateEvery), g})
	}
}

// drop forgets a group that was shown everything, or is over.
func (f *freshGroups) drop(g *group) { delete(f.in, g) }

func (f *freshGroups) has(g *group) bool {
	_, there := f.in[g]
	return there
}

// next takes out a group that may be shown something at an instant; nil if
// there is none. When nothing is due it costs nothing: it is asked at each event.
func (f *freshGroups) next(at int64) *group {
	for len(f.line) > 0 && f.line[0].due <= at {
		item := heap.Pop(&f.line).(freshItem)
		if f.has(item.g) && item.g.drawn+micros(UpdateEvery) <= at {
			f.drop(item.g)
			return item.g
		}
	}
	return nil
}

package deliver

import (
	"cmp"
	"slices"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

const (
	// digestAbove is how many messages may wait untried for an endpoint before they
	// go out as one that lists them.
	digestAbove = 10
	// digestEntries bounds what one digest lists.
	digestEntries = 100
	// carriedMost bounds what one message carries.
	carriedMost = 1000
	// foldWindow bounds how far behind the head is looked for what goes with it.
	foldWindow = 2000
)

// run is what one message can say: messages about one life of a group that wait
// one behind the other, all untried.
type run struct {
	items  []*item
	digest bool // it may be in a digest
}

// head is the part of the queue that folding looks at.
func (q *queue) head() []*item { return q.items[:min(len(q.items), foldWindow)] }

// runs lists what can be said in one message each, in order. Nothing of a group
// in which something was tried may overtake it, so that is not for a digest;
// posted says the same of groups whose message is there already and can be
// edited.
func (q *queue) runs(posted func(group string) bool) []*run {
	var out []*run
	open := map[string]*run{}
	tried := map[string]bool{}
	for _, it := range q.head() {
		r := open[it.Group]
		switch {
		case it.Sealed || it.Seq == 0:
			for _, g := range it.groups {
				delete(open, g)
				tried[g] = true
			}
			continue
		case r == nil || it.Kind == notifiers.KindSilence || len(r.items) >= carriedMost/2:
			r = &run{}
			out = append(out, r)
		}
		r.items = append(r.items, it)
		if it.Kind != notifiers.KindUpdate {
			r.digest = !tried[it.Group] && !posted(it.Group)
		}
		open[it.Group] = r
		if it.Status == alert.Resolved || it.Kind == notifiers.KindSilence {
			delete(open, it.Group) // what comes is another life, and news
		}
	}
	return out
}

// fold returns what should go out as one message before it is tried: the digest
// of a backlog, or all that waits about the group of it. nil: it goes out alone.
func (q *queue) fold(it *item, posted func(group string) bool) (runs []*run) {
	all := q.runs(posted)
	var listed []*run
	for _, r := range all {
		if r.digest {
			listed = append(listed, r)
		}
	}
	if len(listed) > digestAbove {
		n, carried := 0, 0
		for n < len(listed) && n < digestEntries && carried+len(listed[n].items) <= carriedMost {
			carried += len(listed[n].items)
			n++
		}
		return listed[:n]
	}
	for _, r := range all {
		if r.items[0] == it && len(r.items) > 1 {
			return []*run{r}
		}
	}
	return nil
}

// carried returns all messages of runs in their order.
func carried(runs []*run) []*item {
	var out []*item
	for _, r := range runs {
		out = append(out, r.items...)
	}
	slices.SortFunc(out, func(a, b *item) int { return cmp.Compare(a.Seq, b.Seq) })
	return out
}

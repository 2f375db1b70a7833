package deliver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

var errDead = errors.New("the process is dead")

// process is one life of the program. When it is dead, nothing that it does has
// an effect any more.
type process struct {
	mu   sync.Mutex
	die  int // at which call from now; 0: never
	dead chan struct{}
}

func newProcess(die int) *process { return &process{die: die, dead: make(chan struct{})} }

func (p *process) isDead() bool {
	select {
	case <-p.dead:
		return true
	default:
		return false
	}
}

// boundary is passed before and after each call of the outbox: at one of them
// the process dies.
func (p *process) boundary() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isDead() {
		return errDead
	}
	if p.die--; p.die == 0 {
		close(p.dead)
		return errDead
	}
	return nil
}

// disk is an outbox in memory that survives processes. fail, if not nil, decides
// whether a change is refused, as by a full disk.
type disk struct {
	*Memory
	p    *process
	fail func(op string) error
}

func (d disk) change(op string, f func() error) error {
	if err := d.p.boundary(); err != nil {
		return err
	}
	if d.fail != nil {
		if err := d.fail(op); err != nil {
			return err
		}
	}
	err := f()
	if dead := d.p.boundary(); dead != nil {
		return dead
	}
	return err
}

func (d disk) Seal(e EndpointID, seq uint64) error {
	return d.change("seal", func() error { return d.Memory.Seal(e, seq) })
}

func (d disk) Compose(e EndpointID, carried []uint64, n notifiers.Notification) (it Item, err error) {
	err = d.change("compose", func() error {
		it, err = d.Memory.Compose(e, carried, n)
		return err
	})
	return it, err
}

func (d disk) Done(e EndpointID, seq uint64, o Outcome) error {
	return d.change("done", func() error { return d.Memory.Done(e, seq, o) })
}

func (d disk) Tried(e EndpointID, seq uint64, t Try) error {
	return d.change("tried", func() error { return d.Memory.Tried(e, seq, t) })
}

func (d disk) DropStanding(e EndpointID, group string) error {
	return d.change("drop", func() error { return d.Memory.DropStanding(e, group) })
}

func (d disk) Load(e EndpointID, seq uint64) (n notifiers.Notification, err error) {
	if err := d.p.boundary(); err != nil {
		return n, err
	}
	return d.Memory.Load(e, seq)
}

func (d disk) Items(e EndpointID) ([]Item, error) {
	if err := d.p.boundary(); err != nil {
		return nil, err
	}
	return d.Memory.Items(e)
}

// What a far end can do with a message.
const (
	accepts = iota
	fails
	asksToWait
	rejects
	misconfigured
	panics
	hangs
	acceptsAndFails // the answer is lost
	acceptsPart
	acceptsPartAndResumes
	answers // how many there are
)

// asked is how long a far end that asks to wait wants to be left alone.
const asked = 20 * time.Second

// seenAt is one message that came to the far end.
type seenAt struct {
	at     time.Time
	to     string
	n      notifiers.Notification
	body   string
	answer int
	p      *process
	prev   notifiers.Receipt
}

// remote is the far end of several endpoints; it outlives processes.
type remote struct {
	mu     sync.Mutex
	answer func() int
	seen   []seenAt
}

// endpoint is the way to a remote that one process has.
type remoteEnd struct {
	r    *remote
	name string
	p    *process
}

func (e *remoteEnd) Notify(ctx context.Context, n notifiers.Notification, prev notifiers.Receipt) (notifiers.Receipt, error) {
	e.r.mu.Lock()
	if e.p.isDead() {
		e.r.mu.Unlock()
		<-ctx.Done()
		return "", ctx.Err()
	}
	a := e.r.answer()
	e.r.seen = append(e.r.seen, seenAt{time.Now(), e.name, n, string(n.AppendStored(nil)), a, e.p, prev})
	e.r.mu.Unlock()
	refused := func(c notifiers.Class, after time.Duration) error {
		return &notifiers.Error{Class: c, After: after, Op: "POST", Err: errors.New("no")}
	}
	receipt := receiptOf(&n)
	switch a {
	case fails, acceptsAndFails:
		return "", errors.New("down")
	case asksToWait:
		return "", refused(notifiers.Wait, asked)
	case rejects:
		return "", refused(notifiers.Rejected, 0)
	case misconfigured:
		return "", refused(notifiers.Misconfigured, 0)
	case panics:
		panic("no")
	case hangs:
		<-ctx.Done()
		return "", ctx.Err()
	case acceptsPart:
		return receipt, refused(notifiers.Rejected, 0)
	case acceptsPartAndResumes:
		return receipt, &notifiers.Error{Class: notifiers.Retry, Resume: true, Op: "POST", Err: errors.New("later")}
	}
	return receipt, nil
}

// decided is what the loop has decided, in order, by ID.
type decided struct {
	order []notifiers.Notification
	index map[string]int
	fires map[string]bool // groups, by key
}

// next decides something about a group: what comes after what was decided before.
func (d *decided) next(receiver, group string, kind int) notifiers.Notification {
	key := receiver + "/" + group
	n := notifiers.Notification{
		ID: fmt.Sprint(receiver, "-", len(d.order)), Receiver: receiver, GroupKey: key, Status: alert.Firing,
		At: time.Now().UnixMicro(), Kind: notifiers.KindFiring,
		Alerts: []alert.Change{{Name: group, Fingerprint: alert.Fingerprint(len(group)), Status: alert.Firing}},
	}
	if d.fires[key] {
		switch kind {
		case 0, 1, 2:
			n.Kind, n.Status = notifiers.KindResolved, alert.Resolved
		case 3:
			n.Kind = notifiers.KindUpdate
		case 4:
			n.Kind = notifiers.KindRepeat
		case 5:
			n.Kind = notifiers.KindSilence
		}
	}
	d.fires[key] = n.Status == alert.Firing
	d.index[n.ID] = len(d.order)
	d.order = append(d.order, n)
	return n
}

// judge says what is wrong with what came to the endpoints, "" when nothing is.
func judge(d *decided, r *remote, dead []DeadLetter, ends []Endpoint) string {
	for _, e := range ends {
		if what := judgeOne(d, r, dead, e); what != "" {
			return e.Name + ": " + what
		}
	}
	return ""
}

func judgeOne(d *decided, r *remote, dead []DeadLetter, e Endpoint) string {
	bodies := map[string]string{}
	carriedBy := map[string]string{} // decided ID → message
	last := map[string]int{}         // message → its last answer
	group := map[string]int{}        // newest that was told
	h := handles{}
	for _, s := range r.seen {
		if s.to != e.Name {
			continue
		}
		if known, ok := bodies[s.n.ID]; ok && known != s.body {
			return fmt.Sprintf("%s came with two bodies:\n%s\n%s", s.n.ID, known, s.body)
		}
		bodies[s.n.ID], last[s.n.ID] = s.body, s.answer
		if what := h.see(&s, e); what != "" && e.Resend == 0 { // no receipt is kept of what is sent again
			return what
		}
		for at, id := range carriedIDs(&s.n) {
			i, ok := d.index[id]
			if !ok {
				return fmt.Sprintf("%s carries %q, which nobody decided", s.n.ID, id)
			}
			if by, ok := carriedBy[id]; ok && by != s.n.ID {
				return fmt.Sprintf("%s came in %s and in %s", id, by, s.n.ID)
			}
			carriedBy[id] = s.n.ID
			if n := d.order[i]; s.n.Kind != notifiers.KindDigest && s.n.Carries != nil &&
				(n.Kind == notifiers.KindSilence || n.GroupKey != s.n.GroupKey || n.Status == alert.Resolved && at < len(s.n.Carries)-1) {
				return fmt.Sprintf("%s carries %v", s.n.ID, s.n.Carries)
			}
			if (s.answer == rejects || s.answer == panics) && group[d.order[i].GroupKey] == i {
				delete(group, d.order[i].GroupKey) // it took it once, and now refuses: what stands is what was before
			}
			if s.answer != accepts && (s.answer != acceptsAndFails || e.Resend > 0) {
				continue
			}
			key := d.order[i].GroupKey
			if newest, ok := group[key]; ok && newest > i && d.order[newest].ID != id && carriedBy[d.order[newest].ID] != s.n.ID {
				return fmt.Sprintf("%s came after %s", id, d.order[newest].ID)
			}
			if d.order[i].Kind != notifiers.KindSilence {
				group[key] = i
			}
		}
		if !e.folds() && len(s.n.Carries) > 0 {
			return s.n.ID + " carries others"
		}
	}
	letters := map[string]bool{}
	for _, l := range dead {
		if l.Endpoint == e.ID() {
			letters[l.Item.ID] = true
		}
	}
	for id, answer := range last {
		if want := answer == rejects || answer == panics || answer == acceptsPart; letters[id] != want && e.Resend == 0 {
			return fmt.Sprintf("%s: the last answer was %d, dead letter: %v", id, answer, letters[id])
		}
	}
	for _, n := range d.order {
		if _, told := carriedBy[n.ID]; n.Receiver == e.Receiver && e.wants(&n) && !told && n.Kind != notifiers.KindUpdate {
			return n.ID + " never came"
		}
	}
	return ""
}

// twice looks for a message that came again after the far end had taken it.
func twice(r *remote) string {
	taken := map[string]bool{}
	for _, s := range r.seen {
		key := s.to + " " + s.n.ID
		if taken[key] && s.to != "alertmanager" {
			return key + " came again"
		}
		taken[key] = slices.Contains([]int{accepts, rejects, panics, acceptsPart}, s.answer)
	}
	return ""
}

// handles follows the receipt of each group, as it should be.
type handles map[string]*handle

type handle struct {
	now, before notifiers.Receipt // before: if the process died before it could store now
	p           *process
}

// see says what is wrong with the receipt that came with a message, and with
// what it carries.
func (h handles) see(s *seenAt, e Endpoint) string {
	if s.n.Kind == notifiers.KindDigest {
		return h.seeDigest(s, e)
	}
	g := h.of(s.n.GroupKey)
	if s.prev != g.now && (s.p == g.p || s.prev != g.before) {
		return fmt.Sprintf("%s came with %q, not with %q", s.n.ID, s.prev, g.now)
	}
	g.now, g.before, g.p = s.prev, s.prev, s.p
	ended := slices.Contains([]int{accepts, rejects, panics, acceptsPart}, s.answer)
	arrived := slices.Contains([]int{accepts, acceptsPart}, s.answer)
	switch {
	case s.answer == acceptsPartAndResumes:
		g.now = receiptOf(&s.n)
	case s.n.Kind == notifiers.KindSilence:
	case s.n.Status == alert.Resolved && ended:
		g.now = ""
	case arrived:
		g.now = receiptOf(&s.n)
	}
	return ""
}

func (h handles) seeDigest(s *seenAt, e Endpoint) string {
	for _, entry := range newest(&s.n) {
		g := h.of(entry.GroupKey)
		if e.Edits && g.now != "" && g.p == s.p {
			return fmt.Sprintf("%s lists %s, which has a message to edit", s.n.ID, entry.GroupKey)
		}
		if entry.Status == alert.Resolved && (s.answer == accepts || s.answer == acceptsPart) {
			g.before, g.now, g.p = g.now, "", s.p
		}
	}
	return ""
}

func (h handles) of(group string) *handle {
	if h[group] == nil {
		h[group] = &handle{}
	}
	return h[group]
}

func receiptOf(n *notifiers.Notification) notifiers.Receipt {
	return notifiers.Receipt("receipt of " + n.ID)
}

// tooFast says whether the tries at some endpoints, counted together, were more
// than a limit allows, or came when they had been asked to wait.
func tooFast(r *remote, l Limit, names ...string) string {
	var at []time.Time
	waits := map[*process]time.Time{}
	for _, s := range r.seen {
		if !slices.Contains(names, s.to) {
			continue
		}
		at = append(at, s.at)
		if until := waits[s.p]; s.at.Before(until) && s.at.After(until.Add(-asked)) { // not both at once
			return fmt.Sprintf("%s is tried %v before it wants to be", s.to, waits[s.p].Sub(s.at))
		}
		if s.answer == asksToWait {
			waits[s.p] = s.at.Add(asked)
		}
	}
	for i := range at {
		for j := i; j < len(at); j++ {
			if span := at[j].Sub(at[i]); j-i+1 > l.Burst+int((span+time.Millisecond)/l.Every) {
				return fmt.Sprintf("%d tries in %v", j-i+1, span)
			}
		}
	}
	return ""
}

package deliver

import (
	"cmp"
	"maps"
	"slices"
	"sync"

	"github.com/qmpalert/qmpalert/notifiers"
)

// The bounds of Memory.
const (
	memoryItems    = 1000   // that wait for an endpoint
	memoryDead     = 1000   // dead letters of all endpoints
	memoryReceipts = 10_000 // handles of an endpoint
	memoryStanding = 10_000 // standing messages of an endpoint
)

// Memory is an Outbox that is lost with the process. Of what has no natural end
// it keeps the newest: 1,000 dead letters, 10,000 handles an endpoint.
type Memory struct {
	mu        sync.Mutex
	size      int
	seq       uint64
	endpoints map[EndpointID]*memoryBox
	dead      []*memoryLetter
}

type memoryBox struct {
	waiting  map[uint64]*memoryItem
	ids      map[string]uint64 // of what waits, and of what that carries
	receipts recent[notifiers.Receipt]
	standing recent[notifiers.Notification]
}

type memoryItem struct {
	Item
	n notifiers.Notification
}

type memoryLetter struct {
	DeadLetter
	n notifiers.Notification
}

var _ Outbox = (*Memory)(nil)

// NewMemory returns an empty one that takes up to size messages an endpoint;
// 1,000 when size is 0.
func NewMemory(size int) *Memory {
	if size <= 0 {
		size = memoryItems
	}
	return &Memory{size: size, endpoints: map[EndpointID]*memoryBox{}}
}

func (m *Memory) box(e EndpointID) *memoryBox {
	b, ok := m.endpoints[e]
	if !ok {
		b = &memoryBox{
			waiting:  map[uint64]*memoryItem{},
			ids:      map[string]uint64{},
			receipts: recent[notifiers.Receipt]{size: memoryReceipts},
			standing: recent[notifiers.Notification]{size: memoryStanding},
		}
		m.endpoints[e] = b
	}
	return b
}

// Put lets a message wait for an endpoint, decided at the given time. ok is
// false, and nothing has changed, when a message with its ID waits there
// already (item says which) or when the endpoint has no room (item.Seq is 0).
func (m *Memory) Put(e EndpointID, n notifiers.Notification, at int64) (item Item, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.box(e)
	if seq, known := b.ids[n.ID]; known {
		return b.waiting[seq].Item, false
	}
	if len(b.waiting) >= m.size {
		return Item{}, false
	}
	m.seq++
	item = itemOf(&n, m.seq, at)
	b.add(&memoryItem{item, n})
	return item, true
}

func (b *memoryBox) add(it *memoryItem) {
	b.waiting[it.Seq] = it
	for _, id := range append(slices.Clone(it.n.Carries), it.ID) {
		b.ids[id] = it.Seq
	}
}

func (b *memoryBox) take(it *memoryItem) {
	delete(b.waiting, it.Seq)
	for _, id := range append(slices.Clone(it.n.Carries), it.ID) {
		delete(b.ids, id)
	}
}

// itemOf is what is remembered of a message that was just decided.
func itemOf(n *notifiers.Notification, seq uint64, at int64) Item {
	return Item{Seq: seq, ID: n.ID, Group: n.GroupKey, Kind: n.Kind, Status: n.Status, At: n.At, Put: at, Messages: 1}
}

// Endpoints implements Outbox.
func (m *Memory) Endpoints() ([]EndpointID, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []EndpointID
	for e, b := range m.endpoints {
		if len(b.waiting) > 0 {
			out = append(out, e)
		}
	}
	return out, nil
}

// Items implements Outbox.
func (m *Memory) Items(e EndpointID) ([]Item, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []Item
	for _, it := range m.box(e).waiting {
		out = append(out, it.Item)
	}
	slices.SortFunc(out, func(a, b Item) int { return cmp.Compare(a.Seq, b.Seq) })
	return out, nil
}

// Load implements Outbox.
func (m *Memory) Load(e EndpointID, seq uint64) (notifiers.Notification, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if it, ok := m.box(e).waiting[seq]; ok {
		return it.n, nil
	}
	if i := m.letter(e, seq); i >= 0 {
		return m.dead[i].n, nil
	}
	return notifiers.Notification{}, ErrNoMessage
}

func (m *Memory) letter(e EndpointID, seq uint64) int {
	return slices.IndexFunc(m.dead, func(l *memoryLetter) bool { return l.Endpoint == e && l.Item.Seq == seq })
}

// Seal implements Outbox.
func (m *Memory) Seal(e EndpointID, seq uint64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	it, ok := m.box(e).waiting[seq]
	if !ok {
		return ErrNoMessage
	}
	it.Sealed = true
	return nil
}

// Compose implements Outbox.
func (m *Memory) Compose(e EndpointID, carried []uint64, n notifiers.Notification) (Item, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.box(e)
	if len(carried) == 0 {
		return Item{}, ErrNoMessage
	}
	composed := itemOf(&n, carried[0], 0)
	composed.Sealed, composed.Messages = true, 0
	for i, seq := range carried {
		it, ok := b.waiting[seq]
		if !ok {
			return Item{}, ErrNoMessage
		}
		if i == 0 || it.Put < composed.Put {
			composed.Put = it.Put
		}
		composed.Messages += it.Messages
	}
	for _, seq := range carried {
		b.take(b.waiting[seq])
	}
	b.add(&memoryItem{composed, n})
	return composed, nil
}

// Done implements Outbox.
func (m *Memory) Done(e EndpointID, seq uint64, o Outcome) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.box(e)
	it, ok := b.waiting[seq]
	if !ok {
		return ErrNoMessage
	}
	b.take(it)
	if o.Reason != "" {
		it.Tries = o.Tries
		if len(m.dead) >= memoryDead {
			m.dead = slices.Delete(m.dead, 0, 1)
		}
		m.dead = append(m.dead, &memoryLetter{
			DeadLetter{Endpoint: e, Item: it.Item, At: o.At, Reason: o.Reason, Partly: o.Partly, Err: o.Err}, it.n,
		})
	}
	for _, r := range o.Receipts {
		b.keep(r)
	}
	switch o.Standing {
	case StandingKeep:
		b.standing.set(it.Group, it.n)
	case StandingDrop:
		b.standing.forget(it.Group)
	}
	return nil
}

func (b *memoryBox) keep(r GroupReceipt) {
	if r.Receipt == "" {
		b.receipts.forget(r.Group)
	} else {
		b.receipts.set(r.Group, r.Receipt)
	}
}

// Tried implements Outbox.
func (m *Memory) Tried(e EndpointID, seq uint64, t Try) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.box(e)
	it, ok := b.waiting[seq]
	if !ok {
		return ErrNoMessage
	}
	it.Tries++
	if t.Receipt != "" {
		b.keep(GroupReceipt{it.Group, t.Receipt})
	}
	return nil
}

// Receipt implements Outbox.
func (m *Memory) Receipt(e EndpointID, group string) (notifiers.Receipt, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.box(e).receipts.of[group].value, nil
}

// Standing implements Outbox.
func (m *Memory) Standing(e EndpointID) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Sorted(maps.Keys(m.box(e).standing.of)), nil
}

// LoadStanding implements Outbox.
func (m *Memory) LoadStanding(e EndpointID, group string) (notifiers.Notification, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	x, ok := m.box(e).standing.of[group]
	if !ok {
		return notifiers.Notification{}, ErrNoMessage
	}
	return x.value, nil
}

// DropStanding implements Outbox.
func (m *Memory) DropStanding(e EndpointID, group string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.box(e).standing.forget(group)
	return nil
}

// DeadLetters implements Outbox.
func (m *Memory) DeadLetters() ([]DeadLetter, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []DeadLetter
	for _, l := range m.dead {
		out = append(out, l.DeadLetter)
	}
	return out, nil
}

// Revive implements Outbox.
func (m *Memory) Revive(e EndpointID, seq uint64, at int64) (Item, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := m.letter(e, seq)
	if i < 0 {
		return Item{}, ErrNoMessage
	}
	l := m.dead[i]
	m.dead = slices.Delete(m.dead, i, i+1)
	m.seq++
	it := l.Item
	it.Seq, it.Put, it.Tries, it.Sealed = m.seq, at, 0, true
	m.box(e).add(&memoryItem{it, l.n})
	return it, nil
}

// recent is a map of bounded size that forgets what was set longest ago.
type recent[V any] struct {
	size int
	of   map[string]recentEntry[V]
	seq  uint64
}

type recentEntry[V any] struct {
	value V
	seq   uint64
}

func (r *recent[V]) set(key string, v V) {
	if r.of == nil {
		r.of = map[string]recentEntry[V]{}
	}
	r.seq++
	r.of[key] = recentEntry[V]{v, r.seq}
	if len(r.of) <= r.size {
		return
	}
	oldest, least := key, r.seq
	for k, x := range r.of {
		if x.seq < least {
			oldest, least = k, x.seq
		}
	}
	delete(r.of, oldest)
}

func (r *recent[V]) forget(key string) { delete(r.of, key) }

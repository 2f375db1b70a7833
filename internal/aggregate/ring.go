package aggregate

// ring is a queue in one piece of memory, which grows and shrinks with it.
type ring[T any] struct {
	buf  []T // its length is a power of two, or 0
	head int // of the oldest
	n    int
}

// minRing is the least memory that a ring which was used keeps, in items.
const minRing = 4

func (r *ring[T]) len() int { return r.n }

// at returns the i-th oldest item.
func (r *ring[T]) at(i int) *T { return &r.buf[(r.head+i)&(len(r.buf)-1)] }

func (r *ring[T]) front() *T { return r.at(0) }

func (r *ring[T]) back() *T { return r.at(r.n - 1) }

func (r *ring[T]) push(v T) {
	if r.n == len(r.buf) {
		r.resize(max(minRing, 2*r.n))
	}
	r.n++
	*r.back() = v
}

// pop removes and returns the oldest item, the zero T if there is none.
func (r *ring[T]) pop() T {
	var none T
	if r.n == 0 {
		return none
	}
	v := *r.front()
	*r.front() = none // lets go of what it points to
	r.head = (r.head + 1) & (len(r.buf) - 1)
	r.n--
	r.fit()
	return v
}

// popBack removes the newest item.
func (r *ring[T]) popBack() {
	var none T
	*r.back() = none
	r.n--
	r.fit()
}

// fit gives memory back when three quarters of it are idle, so that a storm of
// events does not stay for ever.
func (r *ring[T]) fit() {
	if len(r.buf) > minRing && r.n*4 <= len(r.buf) {
		r.resize(len(r.buf) / 2)
	}
}

func (r *ring[T]) resize(size int) {
	buf := make([]T, size)
	for i := range r.n {
		buf[i] = *r.at(i)
	}
	r.buf, r.head = buf, 0
}

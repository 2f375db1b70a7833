package engine

// heap is a queue whose first element is before all others. It is container/heap
// without the interfaces, which would allocate for every element.
type heap[T sortable[T]] []T

// sortable is what a heap can hold: before says that it comes out before x.
type sortable[T any] interface{ before(x *T) bool }

func (h *heap[T]) push(x T) {
	*h = append(*h, x)
	q := *h
	i := len(q) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !x.before(&q[up]) {
			break
		}
		q[i] = q[up]
		i = up
	}
	q[i] = x
}

func (h *heap[T]) pop() T {
	q := *h
	first, n := q[0], len(q)-1
	i := 0 // where the last one, which stays at n meanwhile, may go
	for {
		down := 2*i + 1
		if down >= n {
			break
		}
		if right := down + 1; right < n && q[right].before(&q[down]) {
			down = right
		}
		if !q[down].before(&q[n]) {
			break
		}
		q[i] = q[down]
		i = down
	}
	q[i] = q[n]
	var none T
	q[n] = none
	*h = q[:n]
	return first
}

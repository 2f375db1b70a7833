package engine

// heap is a queue whose first element is before all others. It is container/heap
// without the interfaces, which would allocate for every element.
type heap[T interface{ before(*T) bool }] []T

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
	first, last := q[0], q[len(q)-1]
	var none T
	q[len(q)-1] = none
	q = q[:len(q)-1]
	*h = q
	if len(q) == 0 {
		return first
	}
	i := 0
	for {
		down := 2*i + 1
		if down >= len(q) {
			break
		}
		if right := down + 1; right < len(q) && q[right].before(&q[down]) {
			down = right
		}
		if !q[down].before(&last) {
			break
		}
		q[i] = q[down]
		i = down
	}
	q[i] = last
	return first
}

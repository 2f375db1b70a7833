package deliver

import "github.com/qmpalert/qmpalert/notifiers"

// breakerFails is how many tries in a row must fail until an endpoint counts as
// down.
const breakerFails = 5

// breaker knows whether an endpoint is worth trying. Closed, whatever waits is
// tried. Open, one message is, the head, again and again: the others stay as
// they are and can still be carried by one when the far end is back. Every probe
// is the half-open state: one answer that makes sense closes the breaker.
//
// That the head is what the far end cannot digest looks the same. So at the
// second, fourth, eighth, … probe another message gets its chance, if there is
// one: it waits at most as long again as it has already.
type breaker struct {
	fails  int // in a row
	open   bool
	class  notifiers.Class // why it is open
	probes int             // since it opened
	head   *item           // nil: a standing message
}

// failed books a try; told says that somebody should hear of it.
func (b *breaker) failed(class notifiers.Class, it *item) (told bool) {
	b.fails++
	if b.open {
		b.probes++
		told = class == notifiers.Misconfigured && b.class != class
		if told {
			b.class = class
		}
		return told
	}
	if class != notifiers.Misconfigured && b.fails < breakerFails {
		return false
	}
	*b = breaker{fails: b.fails, open: true, class: class, head: it}
	return true
}

// answered books that the far end took or refused a message; told says that the
// breaker was open.
func (b *breaker) answered() (told bool) {
	told = b.open
	*b = breaker{}
	return told
}

// other says that the next probe is another message's chance.
func (b *breaker) other() bool {
	n := b.probes + 1
	return n > 1 && n&(n-1) == 0
}

package qmpsock

import "time"

// backoff is a pause that doubles, with jitter, so that a hundred monitors that
// were lost together do not come back together.
type backoff struct {
	min, max time.Duration
	rand     func() float64 // in [0, 1)

	pause time.Duration // the next one before jitter; 0: min
}

// next returns a pause between half and all of what it would be without jitter.
func (b *backoff) next() time.Duration {
	d := max(b.pause, b.min)
	b.pause = min(2*d, b.max)
	return d/2 + time.Duration(b.rand()*float64(d)/2)
}

// reset begins again with the shortest pause.
func (b *backoff) reset() { b.pause = 0 }

package deliver

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limits are the rates of the far ends, shared by endpoints with the same key.
type limits struct {
	mu sync.Mutex
	of map[string]*limit
}

type limit struct {
	tokens *rate.Limiter
	pause  time.Time // the far end has asked for it
}

// set takes over the rates of the endpoints; those of others are forgotten. A
// new one begins without tokens: the process before this one may have used them.
func (l *limits) set(endpoints []Endpoint, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	of := map[string]*limit{}
	for _, e := range endpoints {
		if e.Limit.Key == "" {
			continue
		}
		every, burst := rate.Every(orSecond(e.Limit.Every)), max(e.Limit.Burst, 1)
		x := l.of[e.Limit.Key]
		if x == nil {
			x = &limit{tokens: rate.NewLimiter(every, burst)}
			x.tokens.AllowN(now, burst)
		}
		if x.tokens.Limit() != every || x.tokens.Burst() != burst {
			x.tokens.SetLimitAt(now, every)
			x.tokens.SetBurstAt(now, burst)
		}
		of[e.Limit.Key] = x
	}
	l.of = of
}

func orSecond(d time.Duration) time.Duration {
	if d <= 0 {
		return time.Second
	}
	return d
}

// reserve returns a token, for now or for later (DelayFrom), in order of those
// who ask; nil where there is no limit. One that is not used when its time has
// come must be cancelled.
func (l *limits) reserve(key string, now time.Time) *rate.Reservation {
	l.mu.Lock()
	defer l.mu.Unlock()
	if x := l.of[key]; x != nil {
		return x.tokens.ReserveN(now, 1)
	}
	return nil
}

// paused returns until when nobody may send; the past where everybody may.
func (l *limits) paused(key string) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if x := l.of[key]; x != nil {
		return x.pause
	}
	return time.Time{}
}

// pause stops everybody who shares the key.
func (l *limits) pause(key string, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if x := l.of[key]; x != nil && x.pause.Before(until) {
		x.pause = until
	}
}

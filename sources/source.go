package sources

import (
	"context"

	"github.com/qmpalert/qmpalert/event"
)

// Emit takes over one event. It returns once the event is accepted, which may
// take as long as whoever accepts it likes: that is back-pressure. An error
// means that no event will be accepted any more. ev is valid until Emit returns
// and belongs to the source; Emit clones what it keeps. Emit is safe for
// concurrent use.
type Emit func(ctx context.Context, ev *event.Event) error

// Source is a place where events come from. Its duties:
//
//   - Run blocks and calls emit for every event, for those of one VM one at a
//     time and in the order in which they came; different VMs may be served at
//     the same time.
//   - Every event has Host, VM and Source. One that was read just now has
//     Received; a recorded one has what its record says. An event that the
//     source makes itself (QMPALERT_*) has Received, and Time is qmp.NoTime: the
//     engine puts it on the VM's clock.
//   - A source that can wait (a file) waits for emit. One that cannot (a monitor
//     grows its own memory when nobody reads) reads on, drops what does not fit
//     a bounded queue, counts it, and emits QMPALERT_GAP in its place.
//   - Run returns nil when ctx has ended or nothing can come any more, and the
//     error of emit when there is one. It returns only when every goroutine that
//     it started has ended; emit is not called afterwards.
//   - Run may be called once.
type Source interface {
	Run(ctx context.Context, emit Emit) error
}

package crashtest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"
)

// mostStopped is how many VMs are stopped at a time: fewer than the alerts that
// one message lists (dispatch.MaxAlerts), so that each is named.
const mostStopped = 200

// feed writes numbered events to a file that the daemon follows.
type feed struct {
	t       *testing.T
	path    string
	rng     *rand.Rand
	number  int
	stopped []string // VMs that have not resumed
	lines   []string // what identifies each event that was written
}

// some writes a few events, the last of them perhaps in two parts, as a program
// does that flushes when it likes.
func (f *feed) some() {
	for range 1 + f.rng.IntN(4) {
		f.one()
	}
}

func (f *feed) one() {
	f.number++
	switch kind := f.rng.IntN(10); {
	case kind < 4 && len(f.stopped) < mostStopped:
		vm := fmt.Sprintf("v%d", f.number)
		f.stopped = append(f.stopped, vm)
		f.write("STOP", vm, "")
	case kind < 7 && len(f.stopped) > 0:
		i := f.rng.IntN(len(f.stopped))
		vm := f.stopped[i]
		f.stopped = append(f.stopped[:i], f.stopped[i+1:]...)
		f.write("RESUME", vm, "")
	default:
		f.write("BLOCK_JOB_ERROR", "jobs", fmt.Sprintf(`,"data":{"device":"disk%d","operation":"write","action":"stop"}`, f.number/40))
	}
}

func (f *feed) write(event, vm, data string) {
	now := time.Now().UnixMicro()
	line := fmt.Sprintf(`{"timestamp":{"seconds":%d,"microseconds":%d},"event":"%s"%s,"vm":"%s","number":%d}`+"\n",
		now/1e6, now%1e6, event, data, vm, f.number)
	f.lines = append(f.lines, fmt.Sprintf("%d.%06d %s %s", now/1e6, now%1e6, event, vm))
	split := len(line)
	if f.rng.IntN(4) == 0 {
		split = f.rng.IntN(len(line))
	}
	f.append(line[:split])
	f.append(line[split:])
}

func (f *feed) append(text string) {
	file, err := os.OpenFile(f.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = file.WriteString(text)
	}
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		f.t.Fatal(err)
	}
}

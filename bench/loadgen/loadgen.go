package loadgen

import (
	"bufio"
	"io"
	"sort"
	"strconv"
)

// rng is SplitMix64: small, and the same for ever (no dependence on the
// standard library's generators).
type rng struct{ s uint64 }

func (r *rng) next() uint64 {
	r.s += 0x9e3779b97f4a7c15
	z := r.s
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}

func (r *rng) intn(n int) int { return int(r.next() % uint64(n)) }

// skew draws from [0,n) with low indexes much likelier (density ~ x^-1/2).
func (r *rng) skew(n int) int {
	a := r.next() >> 34 // 30 bits
	return int((a * a >> 30) * uint64(n) >> 30)
}

// tdbHash is the hash that orders the members of a QDict (512 buckets).
func tdbHash(s string) uint32 {
	v := uint32(0x238F13AF) * uint32(len(s))
	for i := 0; i < len(s); i++ {
		v += uint32(s[i]) << (i * 5 % 24)
	}
	return (1103515243*v + 12345) % 512
}

type ctx struct {
	*rng
	vm   int // 0..vms-1
	disk int // 0..nodes-1 within the VM
}

// A val appends one JSON value; returning nil leaves the member out.
type val func(b []byte, c *ctx) []byte

func str(ss ...string) val {
	return func(b []byte, c *ctx) []byte {
		b = append(b, '"')
		b = append(b, ss[c.intn(len(ss))]...)
		return append(b, '"')
	}
}
func rangeInt(lo, hi int) val {
	return func(b []byte, c *ctx) []byte { return strconv.AppendInt(b, int64(lo+c.intn(hi-lo+1)), 10) }
}
func boolean(pct int) val {
	return func(b []byte, c *ctx) []byte { return strconv.AppendBool(b, c.intn(100) < pct) }
}
func opt(pct int, v val) val {
	return func(b []byte, c *ctx) []byte {
		if c.intn(100) < pct {
			return v(b, c)
		}
		return nil
	}
}
func lit(s string) val { return func(b []byte, _ *ctx) []byte { return append(b, s...) } }

func appendNode(b []byte, vm, disk int) []byte {
	b = append(b, "vm"...)
	b = append(b, byte('0'+vm/1000%10), byte('0'+vm/100%10), byte('0'+vm/10%10), byte('0'+vm%10))
	b = append(b, ".vol"...)
	return strconv.AppendInt(b, int64(disk), 10)
}
func node(b []byte, c *ctx) []byte {
	b = append(b, '"')
	b = appendNode(b, c.vm, c.disk)
	return append(b, '"')
}
func wrap(pre, post string) val { // pre + disk number + post, quoted
	return func(b []byte, c *ctx) []byte {
		b = append(b, '"')
		b = append(b, pre...)
		b = strconv.AppendInt(b, int64(c.disk), 10)
		b = append(b, post...)
		return append(b, '"')
	}
}

type member struct {
	key string
	v   val
}

func obj(ms ...member) val {
	sort.SliceStable(ms, func(i, j int) bool { return tdbHash(ms[i].key) < tdbHash(ms[j].key) })
	keys := make([]string, len(ms))
	for i, m := range ms {
		keys[i] = `"` + m.key + `": `
	}
	return func(b []byte, c *ctx) []byte {
		b = append(b, '{')
		first := true
		for i := range ms {
			mark := len(b)
			if !first {
				b = append(b, ", "...)
			}
			b = append(b, keys[i]...)
			n := ms[i].v(b, c)
			if n == nil {
				b = b[:mark]
				continue
			}
			b, first = n, false
		}
		return append(b, '}')
	}
}

type kind struct {
	name   string
	weight int
	data   val // nil: no "data" member
}

func vncPeer(port val, extra ...member) val {
	return obj(append([]member{
		{"host", func(b []byte, c *ctx) []byte {
			b = append(b, `"10.`...)
			b = strconv.AppendInt(b, int64(c.vm/250), 10)
			b = append(b, '.')
			b = strconv.AppendInt(b, int64(c.vm%250), 10)
			return append(b, `.17"`...)
		}},
		{"service", port}, {"family", str("ipv4")}, {"websocket", lit("false")},
	}, extra...)...)
}

var quotedPort = func(b []byte, c *ctx) []byte {
	b = append(b, '"')
	b = strconv.AppendInt(b, int64(5900+c.intn(50000)), 10)
	return append(b, '"')
}

// Event names and members are those of QEMU 7.2's QAPI schema. The weights are
// a fleet's steady mix with storage trouble in it: they sum to 1000.
var kinds = []kind{
	{"RTC_CHANGE", 110, obj(member{"offset", rangeInt(-3600, 3600)}, member{"qom-path", lit(`"/machine/unattached/device[8]"`)})},
	{"NIC_RX_FILTER_CHANGED", 90, obj(member{"name", wrap("net", "")}, member{"path", wrap("/machine/peripheral/net", "/virtio-backend")})},
	{"JOB_STATUS_CHANGE", 150, obj(member{"id", wrap("mirror-disk", "")}, member{"status", str("created", "running", "ready", "waiting", "pending", "concluded", "null", "aborting")})},
	{"BLOCK_IO_ERROR", 120, obj(member{"device", wrap("drive-virtio-disk", "")}, member{"node-name", node},
		member{"operation", str("read", "write", "write")}, member{"action", str("report", "report", "ignore", "stop")},
		member{"nospace", boolean(15)}, member{"reason", str("Input/output error", "No space left on device", "Connection timed out", `Remote I/O error on \"nbd0\"`)})},
	{"QUORUM_REPORT_BAD", 80, obj(member{"type", str("read", "read", "write", "flush")}, member{"error", opt(30, str("Input/output error", "Transport endpoint is not connected"))},
		member{"node-name", node}, member{"sector-num", rangeInt(0, 1<<31)}, member{"sectors-count", rangeInt(1, 256)})},
	{"QUORUM_FAILURE", 15, obj(member{"reference", wrap("quorum", "")}, member{"sector-num", rangeInt(0, 1<<31)}, member{"sectors-count", rangeInt(1, 256)})},
	{"BLOCK_WRITE_THRESHOLD", 30, obj(member{"node-name", node}, member{"amount-exceeded", rangeInt(512, 1<<22)}, member{"write-threshold", rangeInt(1<<30, 1<<36)})},
	{"BLOCK_JOB_COMPLETED", 40, obj(member{"type", str("mirror", "commit", "stream", "backup")}, member{"device", wrap("mirror-disk", "")}, member{"len", rangeInt(1<<30, 1<<38)},
		member{"offset", rangeInt(1<<20, 1<<38)}, member{"speed", rangeInt(0, 1<<28)}, member{"error", opt(10, str("Input/output error"))})},
	{"BLOCK_JOB_READY", 30, obj(member{"type", str("mirror", "commit")}, member{"device", wrap("mirror-disk", "")}, member{"len", rangeInt(1<<30, 1<<38)}, member{"offset", rangeInt(1<<20, 1<<38)}, member{"speed", lit("0")})},
	{"BLOCK_JOB_ERROR", 15, obj(member{"device", wrap("mirror-disk", "")}, member{"operation", str("read", "write")}, member{"action", str("report", "ignore", "stop")})},
	{"BLOCK_IMAGE_CORRUPTED", 2, obj(member{"device", wrap("drive-virtio-disk", "")}, member{"node-name", node}, member{"msg", lit(`"Preventing invalid write on metadata (overlaps with refcount block)"`)},
		member{"offset", rangeInt(0, 1<<36)}, member{"size", rangeInt(512, 1<<16)}, member{"fatal", boolean(80)})},
	{"BALLOON_CHANGE", 80, obj(member{"actual", rangeInt(1<<28, 1<<35)})},
	{"VSERPORT_CHANGE", 40, obj(member{"id", wrap("channel", "")}, member{"open", boolean(50)})},
	{"VNC_CONNECTED", 20, obj(member{"server", vncPeer(lit(`"5900"`), member{"auth", lit(`"none"`)})}, member{"client", vncPeer(quotedPort)})},
	{"VNC_DISCONNECTED", 20, obj(member{"server", vncPeer(lit(`"5900"`), member{"auth", lit(`"none"`)})}, member{"client", vncPeer(quotedPort)})},
	{"DEVICE_DELETED", 15, obj(member{"device", opt(80, wrap("virtio-disk", ""))}, member{"path", wrap("/machine/peripheral/virtio-disk", "/virtio-backend")})},
	{"DEVICE_TRAY_MOVED", 8, obj(member{"device", wrap("ide0-cd", "")}, member{"id", wrap("ide0-cd", "")}, member{"tray-open", boolean(50)})},
	{"MIGRATION", 25, obj(member{"status", str("setup", "active", "pre-switchover", "device", "completed", "failed")})},
	{"MIGRATION_PASS", 25, obj(member{"pass", rangeInt(1, 40)})},
	{"MEMORY_FAILURE", 5, obj(member{"recipient", str("hypervisor", "guest")}, member{"action", str("ignore", "inject", "fatal", "reset")}, member{"flags", obj(member{"action-required", boolean(30)}, member{"recursive", boolean(5)})})},
	{"WATCHDOG", 5, obj(member{"action", str("reset", "poweroff", "pause", "debug")})},
	{"GUEST_PANICKED", 5, obj(member{"action", str("pause", "poweroff", "run")})},
	{"RESET", 15, obj(member{"guest", boolean(90)}, member{"reason", str("guest-reset", "host-qmp-system-reset")})},
	{"SHUTDOWN", 10, obj(member{"guest", boolean(60)}, member{"reason", str("guest-shutdown", "host-signal", "host-qmp-quit")})},
	{"POWERDOWN", 5, nil},
	{"STOP", 20, nil},
	{"RESUME", 20, nil},
}

// The stream: 1,000 virtual machines with 10 block nodes each, 20,000 events in
// a second of stream time.
const (
	seed  = 1
	vms   = 1000
	nodes = 10
	rate  = 20_000
	start = 1_700_000_000 // its first second
)

type burst struct{ kind, vm, disk, left int }

type gen struct {
	rng
	us     uint64
	stepUS int // mean microseconds between two events
	table  [1000]uint8
	bursts []burst
}

func newGen() *gen {
	g := &gen{rng: rng{seed}, us: start * 1e6, stepUS: 1e6 / rate}
	i := 0
	for k := range kinds {
		for w := 0; w < kinds[k].weight; w++ {
			g.table[i] = uint8(k)
			i++
		}
	}
	if i != len(g.table) {
		panic("weights must sum to 1000")
	}
	return g
}

// line appends the next line. One event in ten belongs to a burst: a disk that
// has begun to fail repeats the same event type on the same node.
func (g *gen) line(b []byte) []byte {
	g.us += uint64(g.intn(2*g.stepUS-1) + 1)
	var k int
	c := ctx{rng: &g.rng}
	if len(g.bursts) > 0 && g.intn(10) == 0 {
		i := g.intn(len(g.bursts))
		q := &g.bursts[i]
		k, c.vm, c.disk = q.kind, q.vm, q.disk
		if q.left--; q.left == 0 {
			g.bursts[i] = g.bursts[len(g.bursts)-1]
			g.bursts = g.bursts[:len(g.bursts)-1]
		}
	} else {
		k = int(g.table[g.intn(1000)])
		i := g.skew(vms * nodes)
		c.vm, c.disk = i%vms, i/vms
		if len(g.bursts) < 64 && g.intn(200) == 0 && (kinds[k].name == "BLOCK_IO_ERROR" || kinds[k].name == "QUORUM_REPORT_BAD") {
			g.bursts = append(g.bursts, burst{k, c.vm, c.disk, 5 + g.intn(40)})
		}
	}
	b = append(b, `{"timestamp": {"seconds": `...)
	b = strconv.AppendUint(b, g.us/1e6, 10)
	b = append(b, `, "microseconds": `...)
	b = strconv.AppendUint(b, g.us%1e6, 10)
	b = append(b, `}, "event": "`...)
	b = append(b, kinds[k].name...)
	b = append(b, '"')
	if kinds[k].data != nil {
		b = append(b, `, "data": `...)
		b = kinds[k].data(b, &c)
	}
	b = append(b, '}')
	return append(b, '\r', '\n')
}

// Events writes n events, about 177 bytes each.
func Events(w io.Writer, n int) error {
	g, bw, buf := newGen(), bufio.NewWriterSize(w, 1<<18), make([]byte, 0, 4096)
	for range n {
		buf = g.line(buf[:0])
		if _, err := bw.Write(buf); err != nil {
			return err
		}
	}
	return bw.Flush()
}

package e2e

import (
	"crypto/des"
	"fmt"
	"io"
	"math/bits"
	"net"
	"sync/atomic"
	"testing"
	"time"
)

// vncServer is the VNC server of a VM, with the password "secret".
type vncServer struct{ port int }

// displays are those that tests looked at: no two of them get the same.
var displays atomic.Int32

// freeDisplay finds a VNC display that nobody uses: a port from 5900 on.
func freeDisplay(t *testing.T) (display int) {
	t.Helper()
	for {
		display = 100 + int(displays.Add(1))
		if display > 30000 {
			t.Fatal("no free port for VNC")
		}
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 5900+display)); err == nil {
			l.Close()
			return display
		}
	}
}

// login logs in from the address and says whether it was let in; then it leaves.
// Every address that begins with 127 is one of ours.
func (v vncServer) login(from, password string) (ok bool, err error) {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	c, err := d.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", v.port))
	if err != nil {
		return false, err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		return false, err
	}
	// RFC 6143, 7.1 and 7.2.2: versions, types of security, challenge, verdict.
	b := make([]byte, 24)
	if _, err := io.ReadFull(c, b[:12]); err != nil {
		return false, err
	}
	if _, err := c.Write(b[:12]); err != nil {
		return false, err
	}
	if _, err := io.ReadFull(c, b[:1]); err != nil {
		return false, err
	}
	if _, err := io.ReadFull(c, make([]byte, b[0])); err != nil {
		return false, err
	}
	if _, err := c.Write([]byte{2}); err != nil {
		return false, err
	}
	if _, err := io.ReadFull(c, b[:16]); err != nil {
		return false, err
	}
	answer(b[:16], password)
	if _, err := c.Write(b[:16]); err != nil {
		return false, err
	}
	if _, err := io.ReadFull(c, b[:4]); err != nil {
		return false, err
	}
	if b[3] != 0 {
		_, err := io.Copy(io.Discard, c) // until it closes the connection
		return false, err
	}
	if _, err := c.Write([]byte{1}); err != nil { // ClientInit: share the desktop
		return false, err
	}
	_, err = io.ReadFull(c, b) // ServerInit: the session has begun
	return true, err
}

// answer encrypts the challenge with the password, whose bytes VNC takes with
// their bits reversed.
func answer(challenge []byte, password string) {
	key := make([]byte, 8)
	copy(key, password)
	for i := range key {
		key[i] = bits.Reverse8(key[i])
	}
	block, err := des.NewCipher(key)
	if err != nil {
		panic(err) // only for a key of another length
	}
	block.Encrypt(challenge[:8], challenge[:8])
	block.Encrypt(challenge[8:], challenge[8:])
}

// vnc starts a VM with a VNC server.
func (s *scene) vnc(name string) (*actor, vncServer) {
	s.t.Helper()
	// Between finding the port and using it another program may take it; then
	// QEMU says so and the test fails.
	display := freeDisplay(s.t)
	vm := s.start(plainPC(name, "-vnc", fmt.Sprintf("127.0.0.1:%d,password=on", display)))
	vm.Execute("set_password", `{"protocol": "vnc", "password": "secret"}`)
	return vm, vncServer{5900 + display}
}

// try logs in and checks the verdict.
func (s *scene) try(v vncServer, from, password string, want bool) {
	s.t.Helper()
	if ok, err := v.login(from, password); err != nil || ok != want {
		s.t.Fatalf("login from %s with %q: %t, %v; want %t", from, password, ok, err, want)
	}
}

package e2e

import (
	"fmt"
	"net"
	"path/filepath"
	"time"

	"github.com/qmpalert/qmpalert/internal/qemutest"
)

// attacker tries passwords; operator has the right one.
const (
	attacker = "127.0.0.66"
	operator = "127.0.0.10"
)

var consoleScenes = []act{
	{"passwords are tried at two VMs while others work", func(s *scene) {
		a, at := s.vnc("con1")
		b, bt := s.vnc("con2")
		s.try(at, operator, "secret", true)
		s.try(bt, "127.0.0.11", "sercet", false) // mistyped
		s.try(bt, "127.0.0.11", "secret", true)
		for i := range 3 {
			s.try(at, attacker, fmt.Sprint("guess", i), false)
			s.try(bt, attacker, fmt.Sprint("guess", i), false)
		}
		s.try(at, operator, "secret", true)
		a.WaitEvent("VNC_DISCONNECTED", 4)
		b.WaitEvent("VNC_DISCONNECTED", 4)
		s.told("VNCBruteForce host=kvm07 client_host=" + attacker + ": count, ended")
	}},
	{"a password is guessed", func(s *scene) {
		vm, at := s.vnc("con1")
		for i := range 4 {
			s.try(at, attacker, fmt.Sprint("guess", i), false)
			vm.WaitEvent("VNC_DISCONNECTED", i+1)
		}
		s.try(at, attacker, "secret", true)
		vm.WaitEvent("VNC_INITIALIZED", 1)
		s.told("VNCPasswordGuessed vm=con1 client_host=" + attacker + ": sequence, quiet")
	}},
	{"passwords are tried from many addresses", func(s *scene) {
		vm, at := s.vnc("con1")
		for i := range 5 {
			s.try(at, fmt.Sprintf("127.0.1.%d", i+1), "guess", false)
		}
		vm.WaitEvent("VNC_DISCONNECTED", 5)
		s.told("VNCLoginsFromEverywhere vm=con1: having, ended")
	}},
	{"somebody knocks at SPICE", func(s *scene) {
		port := 5900 + freeDisplay(s.t)
		vm := s.start(plainPC("con1", "-spice", fmt.Sprintf("addr=127.0.0.1,port=%d,password-secret=pw", port), "-object", "secret,id=pw,data=secret"))
		for i := range 5 {
			c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
			if err != nil {
				s.t.Fatal(err)
			}
			vm.WaitEvent("SPICE_CONNECTED", i+1)
			c.Close()
			vm.WaitEvent("SPICE_DISCONNECTED", i+1)
		}
		s.told("SPICEBruteForce host=kvm07 client_host=127.0.0.1: count, ended")
	}},
}

var networkScenes = []act{
	{"the other end of a network goes away, four times, and stays away", func(s *scene) {
		vm := s.start(qemutest.Recipe{Name: "net1", Args: []string{"-machine", "none", "-S",
			"-netdev", "stream,id=n0,server=on,addr.type=unix,addr.path=net.sock"}})
		for i := range 5 {
			c := plug(s.t, filepath.Join(vm.Dir, "net.sock"))
			vm.WaitEvent("NETDEV_STREAM_CONNECTED", i+1)
			c.Close()
			vm.WaitEvent("NETDEV_STREAM_DISCONNECTED", i+1)
			if i == 3 {
				s.pass(time.Hour)
			}
		}
		s.told("NetworkBackendFlapping vm=net1 netdev_id=n0: count, ended",
			"NetworkBackendLost vm=net1 netdev_id=n0: for, resolve", "NetworkBackendLost vm=net1 netdev_id=n0: for")
	}},
}

package post

import (
	"fmt"
	"net/netip"
	"syscall"
)

// metadata are the addresses at which clouds answer their guests' questions for
// credentials, beside the link-local ones.
var metadata = []netip.Addr{
	netip.MustParseAddr("100.100.100.200"), // Alibaba
	netip.MustParseAddr("168.63.129.16"),   // Azure
	netip.MustParseAddr("192.0.0.192"),     // Oracle
	netip.MustParseAddr("fd00:ec2::254"),   // AWS
	netip.MustParseAddr("fd20:ce::254"),    // Google
}

var (
	nat64  = netip.MustParsePrefix("64:ff9b::/96")
	sixTo4 = netip.MustParsePrefix("2002::/16")
	compat = netip.MustParsePrefix("::/96")
)

// Forbidden reports whether no request may go to an address: link-local,
// multicast and unspecified ones, and those of cloud metadata services, also
// where IPv6 carries them inside. Loopback and private addresses are allowed:
// that is where receivers of one's own are.
func Forbidden(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified() {
		return true
	}
	for _, m := range metadata {
		if a == m {
			return true
		}
	}
	if inner, ok := embedded(a); ok {
		return Forbidden(inner)
	}
	return false
}

// embedded returns the IPv4 address that an IPv6 address of a transition
// mechanism carries.
func embedded(a netip.Addr) (netip.Addr, bool) {
	if !a.Is6() || a.IsLoopback() {
		return netip.Addr{}, false
	}
	b := a.As16()
	switch {
	case nat64.Contains(a), compat.Contains(a):
		return netip.AddrFrom4([4]byte(b[12:16])), true
	case sixTo4.Contains(a):
		return netip.AddrFrom4([4]byte(b[2:6])), true
	}
	return netip.Addr{}, false
}

// guard is called by the dialer with the address that a name resolved to, right
// before the connection is made, so that no second look-up can differ.
func guard(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return &forbiddenError{address}
	}
	if Forbidden(ap.Addr()) {
		return &forbiddenError{ap.Addr().String()}
	}
	return nil
}

type forbiddenError struct{ address string }

func (e *forbiddenError) Error() string {
	return fmt.Sprintf("no request is sent to %s: link-local and metadata addresses are refused", e.address)
}

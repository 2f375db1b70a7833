package main

import "strings"

// initialisms are words that Go names spell in capitals, and words that the
// list of capitals alone would get wrong.
var initialisms = map[string]string{
	"acpi": "ACPI", "ost": "OST", "io": "IO", "id": "ID", "qom": "QOM", "cpu": "CPU", "colo": "COLO",
	"hv": "HV", "nic": "NIC", "rx": "RX", "pr": "PR", "rdma": "RDMA", "gid": "GID", "rtc": "RTC",
	"sclp": "SCLP", "cpi": "CPI", "vfio": "VFIO", "vfu": "VFU", "vnc": "VNC", "psw": "PSW", "gpa": "GPA",
	"tls": "TLS", "ipv4": "IPv4", "ipv6": "IPv6", "mptcp": "MPTCP", "cid": "CID", "sasl": "SASL",
	"pvshutdown": "PVShutdown", "crashloaded": "CrashLoaded", "qmpalert": "QMPAlert",
}

// goName turns node-name, sasl_username or block_io_error into NodeName,
// SASLUsername and BlockIOError.
func goName(name string) string {
	var b strings.Builder
	for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return r == '-' || r == '_' }) {
		if s := initialisms[word]; s != "" {
			b.WriteString(s)
		} else {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}

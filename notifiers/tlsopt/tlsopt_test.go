package tlsopt

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestConfig(t *testing.T) {
	c, err := Options{ServerName: "mail.example.org"}.Config()
	if err != nil || c.MinVersion != tls.VersionTLS12 || c.ServerName != "mail.example.org" || c.InsecureSkipVerify || c.RootCAs != nil {
		t.Errorf("%+v, %v", c, err)
	}
	if c, err := (Options{InsecureSkipVerify: true}).Config(); err != nil || !c.InsecureSkipVerify {
		t.Errorf("%+v, %v", c, err)
	}
	noise := filepath.Join(t.TempDir(), "noise.pem")
	if err := os.WriteFile(noise, []byte("not PEM"), 0o600); err != nil {
		t.Fatal(err)
	}
	pipe := filepath.Join(t.TempDir(), "pipe") // nobody will ever write to it
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for want, o := range map[string]Options{
		"zero is not a regular file":        {CAFile: "/dev/zero"},
		"pipe is not a regular file":        {CertFile: noise, KeyFile: pipe},
		"ca_file: open /nonexistent":        {CAFile: "/nonexistent"},
		"no certificate in PEM":             {CAFile: noise},
		"one without the other":             {KeyFile: noise},
		"cert_file " + noise + ", key_file": {CertFile: noise, KeyFile: noise},
	} {
		if _, err := o.Config(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

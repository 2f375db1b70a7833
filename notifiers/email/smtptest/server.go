package smtptest

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"text/template"
	"time"
)

// Options of a server. Mail is accepted for any address at example.org but
// nobody@example.org, which is refused (550), and later@example.org, which is
// deferred (451).
type Options struct {
	User, Password string // when set, mail is accepted only after AUTH
	NoTLS          bool   // STARTTLS is not offered
	Implicit       bool   // TLS from the first byte, on any port
}

// Server is a running server. It ends with the test.
type Server struct {
	Addr   string // localhost:port, the name in the certificate
	CAFile string // the certificate to trust
	dir    string
}

// patience bounds the start of the server and the way of a mail: a safety net.
const patience = time.Minute

// Start starts a server and returns when it answers.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	exim := find(t)
	owner := owner(t)
	// Not t.TempDir: that is private to root, and exim gives up being root.
	dir, err := os.MkdirTemp("", "smtptest")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	Certificate(t, dir)
	port := freePort(t)
	s := &Server{Addr: "localhost:" + port, CAFile: filepath.Join(dir, "cert.pem"), dir: dir}

	var conf bytes.Buffer
	values := map[string]any{"Dir": dir, "Port": port, "User": owner.Username, "Group": owner.Gid, "O": o}
	if err := config.Execute(&conf, values); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "exim.conf"), conf.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	hand(t, dir, owner)

	var output bytes.Buffer
	cmd := exec.Command(exim, "-C", filepath.Join(dir, "exim.conf"), "-bdf")
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-ended
	})
	s.await(t, "the server to listen", func() bool {
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("exim ended: %v\n%s%s", err, &output, s.log())
		default:
		}
		c, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	return s
}

// find looks for exim where Debian puts it, which is not in everybody's PATH.
func find(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"exim4", "/usr/sbin/exim4", "exim", "/usr/sbin/exim"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("this test needs a real SMTP server: apt-get install exim4-daemon-light")
	return ""
}

// owner is who exim is to run as: ourselves, or its own user when we are root,
// because exim delivers nothing as root.
func owner(t testing.TB) *user.User {
	t.Helper()
	if os.Geteuid() != 0 {
		u, err := user.Current()
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	u, err := user.Lookup("Debian-exim")
	if err != nil {
		t.Fatalf("%v: is exim4-daemon-light installed?", err)
	}
	return u
}

// hand gives the directory to the owner.
func hand(t testing.TB, dir string, owner *user.User) {
	t.Helper()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() != 0 {
		return
	}
	uid, err1 := strconv.Atoi(owner.Uid)
	gid, err2 := strconv.Atoi(owner.Gid)
	if err1 != nil || err2 != nil {
		t.Fatalf("user %s has the ids %s and %s", owner.Username, owner.Uid, owner.Gid)
	}
	for _, path := range []string{dir, filepath.Join(dir, "key.pem")} {
		if err := os.Chown(path, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// await asks again and again until a condition holds.
func (s *Server) await(t testing.TB, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("waited in vain for %s\n%s", what, s.log())
		}
	}
}

// log is what exim wrote down.
func (s *Server) log() string {
	var b strings.Builder
	for _, name := range []string{"mainlog", "rejectlog", "paniclog"} {
		if text, err := os.ReadFile(filepath.Join(s.dir, name)); err == nil {
			fmt.Fprintf(&b, "%s:\n%s", name, text)
		}
	}
	return b.String()
}

var config = template.Must(template.New("exim.conf").Parse(`
primary_hostname = mail.example.org
qualify_domain = example.org
domainlist ours = example.org
exim_user = {{.User}}
exim_group = {{.Group}}
never_users =
keep_environment =
local_interfaces = 127.0.0.1
daemon_smtp_ports = {{.Port}}
spool_directory = {{.Dir}}/spool
log_file_path = {{.Dir}}/%slog
pid_file_path = {{.Dir}}/exim.pid
message_size_limit = 1M
smtp_accept_max = 0
rfc1413_query_timeout = 0s
{{- if .O.NoTLS}}
tls_advertise_hosts =
{{- else}}
tls_advertise_hosts = *
tls_certificate = {{.Dir}}/cert.pem
tls_privatekey = {{.Dir}}/key.pem
{{- if .O.Implicit}}
tls_on_connect_ports = {{.Port}}
{{- end}}
{{- end}}
acl_smtp_rcpt = rcpt
acl_smtp_data = data

begin acl
rcpt:
{{- if .O.User}}
  deny !authenticated = *
       message = authenticate first
{{- end}}
  deny local_parts = nobody
       message = no such user here
  defer local_parts = later
       message = come back later
  accept domains = +ours
  deny message = relay not permitted
data:
  accept verify = header_syntax

begin routers
all:
  driver = accept
  transport = maildir

begin transports
maildir:
  driver = appendfile
  directory = {{.Dir}}/maildir
  create_directory
  maildir_format
  envelope_to_add
  user = {{.User}}
  group = {{.Group}}

begin retry
* * F,1h,1m

begin authenticators
{{- if .O.User}}
plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = ${if and{{"{{"}}eq{$auth2}{{"{"}}{{.O.User}}{{"}}"}}{eq{$auth3}{{"{"}}{{.O.Password}}{{"}}}"}}}
  server_set_id = $auth2
  server_advertise_condition = ${if def:tls_in_cipher}
{{- end}}
`))

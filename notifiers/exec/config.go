package exec

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// DefaultTimeout is how long a program may run when its Config does not say.
const DefaultTimeout = 30 * time.Second

// grace is how long a program that ran out of time has between SIGTERM and
// SIGKILL.
const grace = 2 * time.Second

// Config is an entry of exec_configs.
type Config struct {
	// Command is the program and its arguments. The program is an absolute path,
	// or a bare name that New looks up in PATH.
	Command []string
	// Timeout of one run; 0: DefaultTimeout. After it the process group gets
	// SIGTERM, and two seconds later SIGKILL.
	Timeout time.Duration
}

// Notifier runs one program.
type Notifier struct {
	cfg   Config
	path  string // absolute
	grace time.Duration
}

// New finds the program. It does not run it.
func New(cfg Config) (*Notifier, error) {
	if len(cfg.Command) == 0 || cfg.Command[0] == "" {
		return nil, errors.New("exec: command names no program")
	}
	for _, arg := range cfg.Command {
		if strings.ContainsRune(arg, 0) {
			return nil, errors.New("exec: command has a NUL character")
		}
	}
	name := cfg.Command[0]
	if strings.ContainsRune(name, filepath.Separator) && !filepath.IsAbs(name) {
		return nil, fmt.Errorf("exec: command %q is a relative path: write it in full, or only the name of a program in PATH", name)
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return nil, fmt.Errorf("exec: command: %w", err)
	}
	if cfg.Timeout < 0 {
		return nil, fmt.Errorf("exec: timeout %s is negative", cfg.Timeout)
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = DefaultTimeout
	}
	return &Notifier{cfg: cfg, path: path, grace: grace}, nil
}

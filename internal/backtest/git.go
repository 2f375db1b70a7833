package backtest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
)

// errNoGit says that there is no git to ask.
var errNoGit = errors.New("git is not installed, or not in PATH")

// git runs git in a directory, without a shell. Only commands that read are
// run: they start no pager, no editor, no filter and no text conversion, and
// fetch nothing.
type git struct{ dir string }

// foreign are the variables by which a caller of ours (a hook, say) ties git to
// another repository than that of the directory.
var foreign = []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"}

func (g git) run(ctx context.Context, stdin io.Reader, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"--no-pager", "-c", "protocol.allow=never", "-C", g.dir}, args...)...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains(foreign, name)
	})
	cmd.Env = append(cmd.Env, "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "GIT_NO_LAZY_FETCH=1")
	cmd.Stdin = stdin
	out, err := cmd.Output()
	var exit *exec.ExitError
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, errNoGit
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.As(err, &exit):
		said, _, _ := strings.Cut(strings.TrimSpace(string(exit.Stderr)), "\n")
		if said == "" {
			said = err.Error()
		}
		return nil, fmt.Errorf("git %s: %s", args[0], said)
	case err != nil:
		return nil, fmt.Errorf("git %s: %w", args[0], err)
	}
	return out, nil
}

// line runs a command that prints one line.
func (g git) line(ctx context.Context, args ...string) (string, error) {
	out, err := g.run(ctx, nil, args...)
	return strings.TrimSuffix(string(out), "\n"), err
}

// entry is a file of a commit.
type entry struct {
	mode, object string
	size         int64  // bytes; 0 of what is no blob
	path         string // from the top of the repository
}

// list returns the files of a commit below a path with a slash at its end; all
// of them for "".
func (g git) list(ctx context.Context, commit, below string) ([]entry, error) {
	args := []string{"ls-tree", "-r", "-l", "-z", "--full-tree", commit}
	if below != "" {
		args = append(args, "--", below)
	}
	out, err := g.run(ctx, nil, args...)
	if err != nil {
		return nil, err
	}
	var all []entry
	for text := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		if text == "" {
			continue
		}
		// mode SP type SP object SP+ size TAB path
		head, path, ok := strings.Cut(text, "\t")
		fields := strings.Fields(head)
		if !ok || len(fields) != 4 {
			return nil, fmt.Errorf("git ls-tree: %q is not understood", text)
		}
		size, err := strconv.ParseInt(fields[3], 10, 64)
		if err != nil && fields[3] != "-" {
			return nil, fmt.Errorf("git ls-tree: %q is not understood", text)
		}
		all = append(all, entry{mode: fields[0], object: fields[2], size: size, path: path})
	}
	return all, nil
}

// blobs returns the contents of objects that list named, in that order.
func (g git) blobs(ctx context.Context, objects []string) ([][]byte, error) {
	if len(objects) == 0 {
		return nil, nil
	}
	out, err := g.run(ctx, strings.NewReader(strings.Join(objects, "\n")+"\n"), "cat-file", "--batch")
	if err != nil {
		return nil, err
	}
	r := bufio.NewReader(bytes.NewReader(out))
	var all [][]byte
	for _, object := range objects {
		// object SP "blob" SP size LF contents LF
		head, err := r.ReadString('\n')
		fields := strings.Fields(head)
		if err != nil || len(fields) != 3 || fields[0] != object {
			return nil, fmt.Errorf("git cat-file: object %s cannot be read", object)
		}
		size, err := strconv.Atoi(fields[2])
		if err != nil || size < 0 || size > len(out) {
			return nil, fmt.Errorf("git cat-file: %q is not understood", head)
		}
		data := make([]byte, size)
		if _, err := io.ReadFull(r, data); err != nil {
			return nil, fmt.Errorf("git cat-file: %w", err)
		}
		if _, err := r.Discard(1); err != nil {
			return nil, fmt.Errorf("git cat-file: %w", err)
		}
		all = append(all, data)
	}
	return all, nil
}

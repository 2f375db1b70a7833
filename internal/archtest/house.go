package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// house is the source tree, read once.
type house struct {
	module   string // "github.com/qmpalert/qmpalert"
	packages []*pkg // sorted by folder
	texts    []text // files for people, and everything else that is text
	fset     *token.FileSet
}

// pkg is a folder with Go files.
type pkg struct {
	dir   string // "internal/lang", "." for the root
	files []*file
}

type file struct {
	path string
	test bool // _test.go, or in a package that only tests use
	ast  *ast.File
	text []byte
}

type text struct {
	path string
	data []byte
}

var moduleLine = regexp.MustCompile(`(?m)^module\s+(\S+)`)

func load(tree fs.FS) (*house, error) {
	mod, err := fs.ReadFile(tree, "go.mod")
	if err != nil {
		return nil, err
	}
	m := moduleLine.FindSubmatch(mod)
	if m == nil {
		return nil, fmt.Errorf("go.mod: no module line")
	}
	h := &house{module: string(m[1]), fset: token.NewFileSet()}
	return h, fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (d.Name() == ".git" || d.Name() == "bin"):
			return fs.SkipDir
		case d.IsDir() || !d.Type().IsRegular():
			return nil
		}
		data, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		if strings.HasSuffix(name, ".go") && !strings.Contains("/"+name, "/testdata/") {
			return h.addGo(name, data)
		}
		h.texts = append(h.texts, text{name, data})
		return nil
	})
}

func (h *house) addGo(name string, data []byte) error {
	parsed, err := parser.ParseFile(h.fset, name, data, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	dir := path.Dir(name)
	i := slices.IndexFunc(h.packages, func(p *pkg) bool { return p.dir == dir })
	if i < 0 {
		i = len(h.packages)
		h.packages = append(h.packages, &pkg{dir: dir})
	}
	p := h.packages[i]
	p.files = append(p.files, &file{
		path: name, ast: parsed, text: data,
		test: strings.HasSuffix(name, "_test.go") || forTests(dir),
	})
	return nil
}

// forTests reports whether a package exists for tests only: its name says so,
// but for a few.
func forTests(dir string) bool {
	if slices.ContainsFunc(layers, func(l []string) bool { return slices.Contains(l, dir) }) {
		return false // internal/backtest and ruletest are about tests of users
	}
	return strings.HasSuffix(dir, "test") || slices.Contains([]string{"engine/oracle", "internal/e2e", "bench"}, dir) || path.Dir(dir) == "bench"
}

// imported is one import of one file.
type imported struct {
	path string // as written
	own  string // folder in this project, "" for others
	line string // file:line
}

func (h *house) imports(f *file) []imported {
	var out []imported
	for _, spec := range f.ast.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the compiler says it better
		}
		in := imported{path: p, line: h.at(spec)}
		if p == h.module {
			in.own = "."
		} else if own, ok := strings.CutPrefix(p, h.module+"/"); ok {
			in.own = own
		}
		out = append(out, in)
	}
	return out
}

// at is the place of a node as file:line.
func (h *house) at(n ast.Node) string {
	pos := h.fset.Position(n.Pos())
	return pos.Filename + ":" + strconv.Itoa(pos.Line)
}

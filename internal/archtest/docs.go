package archtest

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"
)

// maxLines bounds a hand-written file. Most have 80 to 250.
const maxLines = 450

// checkDocs looks for the contract of each package and at the size of files.
func checkDocs(h *house) []Finding {
	var out []Finding
	for _, p := range h.packages {
		i := slices.IndexFunc(p.files, func(f *file) bool { return path.Base(f.path) == "doc.go" })
		if i < 0 || p.files[i].ast.Doc == nil {
			out = append(out, Finding{p.dir, "package without a doc.go that has a package comment",
				"a reader learns there what the package is for, what goes in and out, and what it does not know"})
		}
		for _, f := range p.files {
			lines := bytes.Count(f.text, []byte("\n"))
			if lines > maxLines && !strings.HasSuffix(f.path, "_gen.go") {
				out = append(out, Finding{f.path, fmt.Sprintf("%d lines, more than %d", lines, maxLines),
					"a file is one idea: find the second one in it and give it a file"})
			}
		}
	}
	return out
}

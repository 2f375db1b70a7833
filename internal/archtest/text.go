package archtest

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
)

// foreign are places that exist on some machine only. They are put together
// here so that this file does not hold what it looks for.
var foreign = regexp.MustCompile(`(?:^|[\s"'(=:` + "`" + `])(/` + `(?:work|root|home/[a-z]+)/[\w.-]+|\.\./` + `shared/)`)

// verbatim are files that hold what other programs printed.
func verbatim(name string) bool {
	return strings.HasPrefix(name, "examples/recordings/") || strings.Contains("/"+name, "/testdata/")
}

// checkText looks for traces of the machine that somebody worked on.
func checkText(h *house) []Finding {
	var out []Finding
	look := func(name string, data []byte) {
		if bytes.IndexByte(data, 0) >= 0 {
			return // not text
		}
		for i, line := range bytes.Split(data, []byte("\n")) {
			if m := foreign.FindSubmatch(line); m != nil {
				out = append(out, Finding{name + ":" + strconv.Itoa(i+1), "names the place " + string(m[1]),
					"the project must work from a fresh clone on any machine: copy what is needed into testdata or examples"})
			}
		}
	}
	for _, t := range h.texts {
		if !verbatim(t.path) {
			look(t.path, t.data)
		}
	}
	for _, p := range h.packages {
		for _, f := range p.files {
			look(f.path, f.text)
		}
	}
	return out
}

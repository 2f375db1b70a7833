package examples

import (
	"embed"
	"io/fs"
)

// File is one of the files.
type File struct {
	Name string // path below this folder, with slashes
	Data []byte
}

//go:embed rules/*.yml
var ruleFiles embed.FS

//go:embed recordings/quorum_one_bad_child/web-01.ndjson
//go:embed recordings/ide_read_error_stop/mail-01.ndjson
//go:embed recordings/thin_pool_full/thin-01.ndjson
//go:embed recordings/watchdog_ib700_actions/app-01.ndjson
//go:embed recordings/guest_panic_isa/app-02.ndjson
var recordings embed.FS

// Rules returns the rule files in order of name.
func Rules() []File { return read(ruleFiles) }

// Recordings returns the recordings of the demo in order of path.
func Recordings() []File { return read(recordings) }

// read returns all files of an embedded tree in order of path. Reading what is
// part of the program cannot fail.
func read(tree embed.FS) []File {
	var out []File
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := tree.ReadFile(name)
		out = append(out, File{name, data})
		return err
	})
	if err != nil {
		panic(err)
	}
	return out
}

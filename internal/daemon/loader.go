package daemon

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/qmpalert/qmpalert/internal/config"
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/watch"
	"github.com/qmpalert/qmpalert/rules"
)

// defaultRules is looked into when no rule file is named anywhere.
const defaultRules = "rules"

// loader reads configuration and rules from disk and makes a setup of them.
type loader struct {
	opts Options

	mu      sync.Mutex
	watched []string   // what the last load looked at, also when it failed
	seen    watch.Hash // what that held

	made receiverMemory // by the last load
}

// patterns and hash are what the watcher has to know.
func (ld *loader) patterns() []string {
	ld.mu.Lock()
	defer ld.mu.Unlock()
	return ld.watched
}

func (ld *loader) hash() watch.Hash {
	ld.mu.Lock()
	defer ld.mu.Unlock()
	return ld.seen
}

// load reads everything once. The setup is nil if a finding is an error. One
// that somebody asks for makes every notifier anew: perhaps a token was mended,
// and what waits is to be tried at once.
func (ld *loader) load(explicit bool) (*setup, diag.List) {
	var list diag.List
	if explicit {
		ld.made = nil
	}
	cfg, file := ld.config(&list)
	patterns, byDefault := ld.rulePatterns(cfg)
	files := ld.look(file, patterns)
	if cfg == nil {
		return nil, list
	}
	ruleFiles := ld.ruleFiles(files, byDefault)
	set, found := rules.Load(ruleFiles, rules.Options{Receivers: cfg.ReceiverNames()})
	list.Add(found...)
	endpoints, found := ld.made.endpoints(cfg, ld.opts)
	list.Add(found...)
	list.Sort()
	if list.HasErrors() {
		return nil, list
	}
	return &setup{
		host: hostName(cfg), rules: set, files: ruleFiles, route: routeOf(cfg), endpoints: endpoints, buttons: buttonsOf(cfg),
		sources: ld.sources(cfg), heartbeat: cfg.Heartbeat, storage: storageOf(&cfg.Storage), web: cfg.Web,
	}, list
}

// look reads the rule files, and notes for the watcher what was looked at and
// what it held.
func (ld *loader) look(file configFile, patterns []string) watch.Files {
	ld.mu.Lock()
	defer ld.mu.Unlock()
	ld.watched = append(file.names(), patterns...)
	files := watch.Read(ld.watched)
	ld.seen = files.Hash()
	if !file.same(files) {
		ld.seen = watch.Hash{} // it changed between two looks: the watcher is to see a difference
	}
	return file.without(files)
}

// configFile is the configuration as it was read; the zero value is none.
type configFile struct {
	name string
	data []byte
}

func (c configFile) names() []string {
	if c.name == "" {
		return nil
	}
	return []string{c.name}
}

// same says that the file still holds what it held when it was parsed.
func (c configFile) same(files watch.Files) bool {
	return c.name == "" || len(files) > 0 && bytes.Equal(files[0].Data, c.data)
}

// without are the files but this one. The watcher takes its name for a pattern,
// which names nothing, or others, where a directory is in its place.
func (c configFile) without(files watch.Files) watch.Files {
	if c.name != "" && len(files) > 0 && files[0].Name == filepath.Clean(c.name) {
		return files[1:]
	}
	return files
}

// config reads the configuration; without a file it is an empty one with the
// console as its only receiver.
func (ld *loader) config(list *diag.List) (*config.Config, configFile) {
	name := ld.opts.ConfigFile
	if name == "" {
		return &config.Config{Receivers: []config.Receiver{{Name: consoleName}}, Route: consoleRoute()}, configFile{}
	}
	f := watch.ReadOne(name)
	if f.Err != nil {
		list.Errorf(diag.Unreadable, diag.Pos{File: name}, "the configuration cannot be read: %v", f.Err)
		return nil, configFile{name: name}
	}
	cfg, found := config.Load(name, f.Data, os.LookupEnv)
	list.Add(found...)
	if cfg != nil {
		list.Add(cfg.CheckFiles()...)
	}
	return cfg, configFile{name: name, data: f.Data}
}

// rulePatterns says where the rules are: as the command line says, else the
// configuration, else in the directory rules beside the configuration or here.
// byDefault says that nobody named it, so that it need not be there.
func (ld *loader) rulePatterns(cfg *config.Config) (patterns []string, byDefault bool) {
	switch {
	case len(ld.opts.Rules) > 0:
		return ld.opts.Rules, false
	case cfg != nil && cfg.RuleFiles != nil:
		return cfg.RuleFiles, false
	}
	return []string{filepath.Join(filepath.Dir(ld.opts.ConfigFile), defaultRules)}, true
}

// ruleFiles are the files that were read, or the built-in rules where nobody
// named any and the default directory holds none.
func (ld *loader) ruleFiles(files watch.Files, byDefault bool) []rules.File {
	var out []rules.File
	for _, f := range files {
		if byDefault && errors.Is(f.Err, fs.ErrNotExist) {
			continue
		}
		out = append(out, rules.File{Name: f.Name, Src: f.Data, Err: f.Err})
	}
	if len(out) == 0 && byDefault {
		return ld.opts.Builtin
	}
	return out
}

func (ld *loader) sources(cfg *config.Config) []sourceSpec {
	host := hostName(cfg)
	var out []sourceSpec
	for _, s := range cfg.Sources {
		out = append(out, sourceSpec{qmp: s.QMP, file: s.File, vmName: s.VMName, host: host})
	}
	if cfg.Sources != nil {
		return out
	}
	patterns := ld.opts.Monitors
	if len(patterns) == 0 {
		patterns = []string{DefaultMonitors}
	}
	for _, p := range patterns {
		out = append(out, sourceSpec{qmp: p, host: host})
	}
	return out
}

// hostName is the name that events of this host carry.
func hostName(cfg *config.Config) string {
	if cfg.Host != "" {
		return cfg.Host
	}
	name, err := os.Hostname()
	if err != nil || name == "" {
		return "localhost"
	}
	return name
}

package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/qmpalert/qmpalert/qmp"
)

func versionCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Say which version this is",
		Long: `Prints the version, the commit it was built from, the Go release that built it,
and how many events it knows. Put it into every bug report.`,
		Example: `  qmpalert version
  qmpalert version -o json`,
		Args: arguments(0, 0, ""),
	}
	output := outputFlag(cmd, formatText, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		b := readBuild()
		if *output == formatJSON {
			return json.NewEncoder(cmd.OutOrStdout()).Encode(b)
		}
		_, err := fmt.Fprintf(cmd.OutOrStdout(), "qmpalert %s\ncommit   %s\nbuilt    %s for %s\nevents   %d of QEMU, %d of its own\n",
			b.Version, b.Commit, b.Go, b.Platform, b.Events, b.OwnEvents)
		return err
	}
	return cmd
}

// build is what is known about this binary.
type build struct {
	Version   string `json:"version"`
	Commit    string `json:"commit"`
	Go        string `json:"go"`
	Platform  string `json:"platform"`
	Events    int    `json:"events"`
	OwnEvents int    `json:"own_events"`
}

func readBuild() build {
	b := build{Version: "(devel)", Commit: "unknown", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		b.Version = cmp.Or(info.Main.Version, b.Version)
		b.Commit = commit(info.Settings)
	}
	for _, d := range qmp.Defs() {
		if d.Own {
			b.OwnEvents++
		} else {
			b.Events++
		}
	}
	return b
}

// commit is the revision that the go command stamped into the binary; "unknown"
// for one built outside a checkout.
func commit(settings []debug.BuildSetting) string {
	revision, changed := "unknown", ""
	for _, s := range settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = " with changes"
		}
	}
	return revision + changed
}

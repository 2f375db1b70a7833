package e2e

import (
	"fmt"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/internal/qemutest"
)

// quorumOf is a VM with a quorum q0 of files, one for each letter, which is what
// the file is filled with; its node is disk-0 and so on.
func quorumOf(name, contents string, threshold int) qemutest.Recipe {
	var children []string
	for i := range contents {
		children = append(children, fmt.Sprintf(`{"driver": "raw", "node-name": "disk-%d", "file": {"driver": "file", "filename": "%[1]d.raw"}}`, i))
	}
	return qemutest.Recipe{
		Name: name,
		Args: []string{"-machine", "none", "-S", "-blockdev",
			fmt.Sprintf(`{"driver": "quorum", "node-name": "q0", "vote-threshold": %d, "children": [%s]}`, threshold, strings.Join(children, ", "))},
		Files: func(dir string) error {
			for i, c := range contents {
				if err := qemutest.Filled(dir, fmt.Sprintf("%d.raw", i), 1<<20, byte(c)); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

var quorumScenes = []act{
	{"one child of three lies", func(s *scene) {
		vm := s.start(quorumOf("db1", "aax", 2))
		next := ticks(s.t, 1100*time.Millisecond)
		for i := range 3 {
			next()
			vm.HMP(qemutest.ReadQuorum(64 * i))
			vm.WaitEvent("QUORUM_REPORT_BAD", i+1)
		}
		s.told("QuorumChildFailing vm=db1 node_name=disk-2: count, ended")
	}},
	{"one read that fails is a hiccup", func(s *scene) {
		vm := s.start(quorumOf("db1", "aax", 2))
		vm.HMP(qemutest.ReadQuorum(0))
		vm.WaitEvent("QUORUM_REPORT_BAD", 1)
		s.told()
	}},
	{"two children of five lie", func(s *scene) {
		vm := s.start(quorumOf("db1", "aaaxy", 3))
		vm.HMP(qemutest.ReadQuorum(0))
		vm.WaitEvent("QUORUM_REPORT_BAD", 2)
		s.told("QuorumSecondChild vm=db1: having, ended")
	}},
	{"all three disagree", func(s *scene) {
		vm := s.start(quorumOf("db1", "axy", 2))
		vm.HMP(qemutest.ReadQuorum(0))
		vm.WaitEvent("QUORUM_FAILURE", 1)
		s.told("QuorumLost vm=db1 reference=q0: match, quiet")
	}},
}

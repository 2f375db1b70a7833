package rules

import (
	"fmt"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/internal/lang"
)

// generated makes files with n rules as a script would write them, each with an
// expression and a label of its own.
func generated(n int) []File {
	const perFile = 1000
	var files []File
	for done := 0; done < n; done += perFile {
		var b strings.Builder
		b.WriteString("groups:\n  - name: generated\n    labels: {team: storage}\n    rules:\n")
		for i := done; i < min(done+perFile, n); i++ {
			fmt.Fprintf(&b, `      - alert: Disk%d
        event: BLOCK_IO_ERROR
        expr: node_name == "disk%d" and action == "stop"
        by: [device]
        count: 3
        within: 5m
        resolve: RESUME
        labels: {severity: critical, disk: "%d"}
        annotations:
          summary: "{{ vm.name }}: disk %d stopped on {{ operation }}"
          description: "{{ count }} errors since {{ first_time }}: {{ reason }}"
`, i, i, i, i)
		}
		files = append(files, File{Name: fmt.Sprintf("generated%d.yml", done), Src: []byte(b.String())})
	}
	return files
}

func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{10, 10000} {
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			files := generated(n)
			b.ReportAllocs()
			for b.Loop() {
				set, found := Load(files, Options{})
				if set.Len() != n {
					b.Fatal(found)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/rule")
		})
	}
}

func BenchmarkRole(b *testing.B) {
	r := rule(b, `
- alert: A
  event: BLOCK_IO_ERROR
  expr: action == "stop" and operation == "write" and node_name != "a" and not nospace
  by: node-name
  resolve: RESUME`)
	e := ev(b, "BLOCK_IO_ERROR", `{"action":"stop","operation":"write","node-name":"c"}`)
	var f lang.Frame
	b.ReportAllocs()
	for b.Loop() {
		if r.Role(e, &f) != RoleMatch {
			b.Fatal("no match")
		}
	}
}

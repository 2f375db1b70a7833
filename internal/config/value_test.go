package config

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// TestPlaces looks up in the source what Range says about texts of a body.
func TestPlaces(t *testing.T) {
	src, err := os.ReadFile("testdata/good/full.yml")
	if err != nil {
		t.Fatal(err)
	}
	c, _ := Load("full.yml", src, env)
	lines := strings.Split(string(src), "\n")
	found := 0
	for _, m := range c.Receiver("ops").Webhook[1].Body.Members {
		for _, word := range []string{"{{ summary }}", "{{ vm.name }}", "{{ x }}", "ä"} {
			at := strings.Index(m.Value.Text, word)
			if at < 0 {
				continue
			}
			found++
			pos := m.Value.Range(at, at+len(word))
			line := []rune(lines[pos.Line-1])
			if got := string(line[pos.Column-1 : pos.EndColumn-1]); got != word {
				t.Errorf("%s is said to be at %v, where %q stands", word, pos, got)
			}
		}
	}
	if found != 4 {
		t.Errorf("%d words found", found)
	}
	for _, v := range []Value{{Pos: diag.Pos{Line: 3}}, c.Receiver("ops").Webhook[1].Body.Members[2].Value} {
		for _, at := range []int{-1, 0, len(v.Text), 1000} {
			if pos := v.Range(at, at+1); pos.Line == 0 {
				t.Errorf("no place for offset %d of %q", at, v.Text)
			}
		}
	}
}

func TestBodyValues(t *testing.T) {
	src := "receivers: [{name: a, webhook_configs: [{url_file: x, body: [1, -2.5e3, 010, 0x10, .5, true, True, yes, null, ~, '5', 'true', '${TOKEN}', 'x ${TOKEN}', {secret_file: s}, {}]}]}]"
	c, list := Load("dir/c.yml", []byte(src), env)
	if c == nil {
		t.Fatal(list)
	}
	var got []string
	for _, v := range c.Receivers[0].Webhook[0].Body.Items {
		got = append(got, string(v.Kind)+" "+v.Text)
	}
	want := []string{"number 1", "number -2.5e3", "text 010", "text 0x10", "text .5", "bool true", "bool true", "text yes", "null ", "null ",
		"text 5", "text true", "secret ", "text x xoxb-hunter2", "secret ", "object "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	items := c.Receivers[0].Webhook[0].Body.Items
	if s, err := items[12].Secret.Read(); err != nil || s != "xoxb-hunter2" || items[14].Secret.file != "dir/s" {
		t.Errorf("secrets %q, %v, %q", s, err, items[14].Secret.file)
	}
	if found := c.CheckFiles(); len(found) != 2 {
		t.Errorf("secret files that are not there: %v", found)
	}
}

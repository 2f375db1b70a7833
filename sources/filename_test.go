package sources

import "testing"

func TestFileName(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "db1": "db1", "{{file}}": "f", "vm-{{ file }}/{{file}}.x": "vm-f/f.x", "a }} b": "a }} b",
	} {
		n, err := ParseFileName(text)
		if got := n.Of("f"); err != nil || got != want {
			t.Errorf("%q is %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"{{ name }}", "x {{ file", "{{}}", "{{ {{ file }} }}"} {
		if n, err := ParseFileName(text); err == nil || n.Of("f") != "" {
			t.Errorf("%q is taken, as %q", text, n.Of("f"))
		}
	}
}

package diag

import (
	"strings"
	"testing"
)

func TestNewIgnore(t *testing.T) {
	for text, want := range map[string]string{
		"qmpalert:ignore Q204 meant so":             "Q204",
		"qmpalert:ignore Q204: meant so":            "Q204",
		"qmpalert:ignore Q204, q301 – meant so":     "Q204 Q301",
		"qmpalert:ignore Q204,Q301 meant so":        "Q204 Q301",
		"qmpalert:ignore: Q204 (they go on)":        "Q204",
		"qmpalert:ignore":                           "does not say which code",
		"qmpalert:ignore all of it":                 "does not say which code",
		"qmpalert:ignore Q204":                      "does not say why Q204",
		"qmpalert:ignore Q204 -":                    "does not say why Q204",
		"qmpalert:ignore Q204, Q301 ...":            "does not say why Q204, Q301",
		"qmpalert:ignore Q999 because":              "there is no code `Q999`",
		"qmpalert:ignore Q2041 because":             "there is no code `Q2041`",
		"qmpalert:ignore Q120 because":              "Q120 is an error and cannot be ignored",
		"qmpalert:ignore Q305 because":              "cannot be ignored",
		"qmpalert:ignore Q201 Q202 two with a gap":  "Q201", // the second is the reason
		"qmpalert:ignore Queue is full, so be it":   "does not say which code",
		"qmpalert:ignore Q204 Wegen der Wartung äh": "Q204",
	} {
		ig := NewIgnore(Pos{File: "a.yml", Line: 3}, text, 3)
		got := ""
		if ig.Bad != nil {
			got = ig.Bad.Message
			if ig.Bad.Code != BadIgnore || ig.Bad.Hint == "" {
				t.Errorf("%s: %v without a hint", text, ig.Bad)
			}
		} else {
			var all []string
			for _, c := range ig.Codes {
				all = append(all, string(c))
			}
			got = strings.Join(all, " ")
		}
		if got != want && !(ig.Bad != nil && strings.Contains(got, want)) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestWithout(t *testing.T) {
	at := func(line int) Pos { return Pos{File: "a.yml", Line: line, Column: 1} }
	list := List{New(UnknownEvent, at(2), "e"), New(Unreachable, at(2), "w"), New(Unreachable, at(3), "w"), New(RuleWithoutTest, at(2), "i")}
	own := func(p Pos) []int { return []int{p.Line} }
	always := func(Code) bool { return true }
	ignore := func(line int, text string) Ignore { return NewIgnore(at(line), IgnoreWord+" "+text, line) }
	for name, tt := range map[string]struct {
		ignores []Ignore
		asked   func(Code) bool
		want    string
	}{
		"nothing":          {nil, always, "Q120:2 Q201:2 Q302:2 Q201:3"},
		"one line only":    {[]Ignore{ignore(2, "Q201 so")}, always, "Q120:2 Q302:2 Q201:3"},
		"two codes":        {[]Ignore{ignore(2, "Q201, Q302 so")}, always, "Q120:2 Q201:3"},
		"one does nothing": {[]Ignore{ignore(3, "Q201, Q302 so")}, always, "Q120:2 Q201:2 Q302:2 Q305:3"},
		"not asked for":    {[]Ignore{ignore(9, "Q213 so")}, func(c Code) bool { return c != YoungerThanQEMU }, "Q120:2 Q201:2 Q302:2 Q201:3"},
		"without a reason": {[]Ignore{ignore(3, "Q201")}, always, "Q120:2 Q201:2 Q302:2 Q201:3 Q210:3"},
	} {
		t.Run(name, func(t *testing.T) {
			kept := list.Without(tt.ignores, own, tt.asked)
			kept.Sort()
			var got []string
			for _, f := range kept {
				got = append(got, string(f.Code)+":"+string(rune('0'+f.Pos.Line)))
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("%s, want %s", s, tt.want)
			}
		})
	}
	if len(list) != 4 {
		t.Error("the list was changed")
	}
}

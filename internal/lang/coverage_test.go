package lang

import (
	"fmt"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/qmp"
)

func TestBranches(t *testing.T) {
	defs := testDefs(t)
	for src, want := range map[string]string{
		`yes`:                                    "yes",
		`a == 3 and s == "hello" or not no`:      `a == 3|s == "hello"|no`,
		`a in [1, 2] && (yes || !no)`:            "a in [1, 2]|yes|no",
		`(a + b) * 2 > 3 and len(s) > 1`:         "(a + b) * 2 > 3|len(s) > 1",
		`1 < a < 3`:                              "1 < a|a < 3",
		`yes ? a > 1 : s startsWith "h"`:         `yes|a > 1|s startsWith "h"`,
		`if yes { no } else { a == 1 }`:          "yes|no|a == 1",
		`let x = a; x > 1 and x < 9`:             "x > 1|x < 9",
		`any(anything, # == 1 or # == 2)`:        "any(anything, # == 1 or # == 2)",
		`true and yes or nil == false and false`: "yes",
		`3 < time.Hour() and yes`:                "3 < time.Hour()|yes",
		`s not in ["ä", "b"] and "ä" == s`:       `s not in ["ä", "b"]|"ä" == s`,
		`data["x"][0] == 1 and obj?.x_y==7`:      `data["x"][0] == 1|obj?.x_y==7`,
		`(yes ?? no) and ((a)) > ((1))`:          "yes ?? no|((a)) > ((1))",
		`is_disk and not large`:                  "node_name in disks|a > limit",
		`a > limit and (limit) == a`:             "a > limit|(limit) == a",
		`hasPrefix(s, "h")`:                      `hasPrefix(s, "h")`,
		`yes // comment and no`:                  "yes",
	} {
		p, problems := Compile(src, Env{Event: testDef, Vars: WindowVars(), Defs: defs}, Condition)
		if p == nil {
			t.Errorf("%s: %+v", src, problems)
			continue
		}
		var got []string
		for _, b := range p.Branches() {
			got = append(got, b.Source)
			if at := src[b.Offset:b.End]; at != b.Source && at != "is_disk" && at != "large" {
				t.Errorf("%s: the branch %s stands at %q", src, b.Source, at)
			}
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%s has the branches %q, want %q", src, got, want)
		}
	}
}

func TestProbe(t *testing.T) {
	f := frameOf(present())
	for src, want := range map[string]string{
		`yes and no and a == 3`:         "0:true 1:false = false",
		`no or a == 3 or yes`:           "0:false 1:true = true",
		`not (no or not yes)`:           "0:false 1:true = true",
		`yes ? no : a == 1`:             "0:true 1:false = false",
		`let x = a; x == 3 and x == 4`:  "0:true 1:false = false",
		`true or yes`:                   " = true",
		`all(1..2, # < a) and a in [3]`: "0:true 1:true = true",
		`1 == 1 and yes`:                "0:true = true",
		`data["nothing"]`:               "0:false = false",
	} {
		p, problems := Compile(src, testEnv, Condition)
		if p == nil {
			t.Fatalf("%s: %+v", src, problems)
		}
		var got []string
		holds := p.Probe(f, func(branch int, holds bool) { got = append(got, fmt.Sprintf("%d:%v", branch, holds)) })
		if text := fmt.Sprintf("%s = %v", strings.Join(got, " "), holds); text != want || holds != p.True(f) {
			t.Errorf("%s: %s, want %s", src, text, want)
		}
	}
}

func TestProbeOfAHaving(t *testing.T) {
	p, table := having(t, `count > 2 and distinct(node_name) + 1 > 2 or first_seen(s)`)
	v := p.Coverage()
	if all := v.Branches(); len(all) != 3 || all[1].Source != "distinct(node_name) + 1 > 2" || all[2].Source != "first_seen(s)" {
		t.Errorf("branches: %+v", all)
	}
	hits := map[int]bool{}
	f := &Frame{Aggregates: []qmp.Value{qmp.Int(3), qmp.Int(1), qmp.Bool(true)}}
	if !v.Probe(f, func(b int, holds bool) { hits[b] = holds }) || !hits[0] || hits[1] || !hits[2] || len(hits) != 3 {
		t.Errorf("hits: %v", hits)
	}
	if len(table.List()) != 3 || len(table.List()[1].args) != 1 {
		t.Errorf("asking changed the table: %s", sources(table))
	}
}

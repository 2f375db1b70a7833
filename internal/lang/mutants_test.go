package lang

import (
	"strings"
	"testing"
)

func TestMutants(t *testing.T) {
	defs := testDefs(t)
	for _, c := range []struct {
		src  string
		want Want
		all  string
	}{
		{`a == 3`, Condition, "a != 3|a == 4|a == 2"},
		{`a > 0`, Condition, "a >= 0|a <= 0|a > 1|a > (-1)"},
		{`yes and not no`, Condition, "not yes and not no|yes or not no|yes and no"},
		{`mode == "on" && s == "x"`, Condition, `mode != "on" && s == "x"|mode == "off" && s == "x"|mode == "on" || s == "x"|mode == "on" && s != "x"|mode == "on" && s == "x~"`},
		{`mode in ["off"] or yes`, Condition, `mode not in ["off"] or yes|mode in ["auto"] or yes|mode in ["off"] and yes|mode in ["off"] or not yes`},
		{`s not in ["a"]`, Condition, `s in ["a"]|s not in ["a~"]`},
		{`(no ?? true) == false`, Condition, `(no ?? false) == false|(no ?? true) != false|(no ?? true) == true`},
		{`f < 1.5`, Condition, "f <= 1.5|f >= 1.5|f < 4|f < 0.75"},
		{`any(anything, # == 1)`, Condition, "not any(anything, # == 1)|any(anything, # != 1)|any(anything, # == 2)|any(anything, # == 0)"},
		{`is_disk or a == 1`, Condition, "not is_disk or a == 1|is_disk and a == 1|is_disk or a != 1|is_disk or a == 2|is_disk or a == 0"},
		{`count >= 3 and countif(mode == "on") > 1`, Having, `count > 3 and countif(mode == "on") > 1|count < 3 and countif(mode == "on") > 1|count >= 4 and countif(mode == "on") > 1|count >= 2 and countif(mode == "on") > 1|` +
			`count >= 3 or countif(mode == "on") > 1|count >= 3 and countif(mode != "on") > 1|count >= 3 and countif(mode == "off") > 1|` +
			`count >= 3 and countif(mode == "on") >= 1|count >= 3 and countif(mode == "on") <= 1|count >= 3 and countif(mode == "on") > 2|count >= 3 and countif(mode == "on") > 0`},
		{`percentile(a, 95) > 1`, Having, "percentile(a, 5) > 1|percentile(a, 95) >= 1|percentile(a, 95) <= 1|percentile(a, 95) > 2|percentile(a, 95) > 0"},
		{`s matches "^a"`, Condition, `s not matches "^a"|s matches "^a~"`},
		{`a ==`, Condition, ""},
		{`"ä" == s and 0x10 == a`, Condition, `"ä~" == s and 0x10 == a|"ä" != s and 0x10 == a|"ä" == s or 0x10 == a|"ä" == s and 17 == a|"ä" == s and 15 == a|"ä" == s and 0x10 != a`},
	} {
		env := Env{Event: testDef, Defs: defs}
		if c.want == Having {
			env.Aggregates = new(Aggregates)
		}
		var got []string
		for _, e := range Mutants(c.src, env, c.want) {
			got = append(got, c.src[:e.Offset]+e.Text+c.src[e.End:])
			if e.What == "" {
				t.Errorf("%s: no words for %+v", c.src, e)
			}
		}
		if strings.Join(got, "|") != c.all {
			t.Errorf("%s:\n got %s\nwant %s", c.src, strings.Join(got, "|"), c.all)
		}
		if env.Aggregates != nil && len(env.Aggregates.List()) > 0 {
			t.Errorf("%s: mutants are in the table: %s", c.src, sources(env.Aggregates))
		}
	}
}

func TestWordsOfMutants(t *testing.T) {
	var got []string
	for _, e := range Mutants(`not yes and a >= 3`, testEnv, Condition) {
		got = append(got, e.What)
	}
	if want := "`not` is taken away|`and` becomes `or`|`>=` becomes `>`|`>=` becomes `<`|`3` becomes `4`|`3` becomes `2`"; strings.Join(got, "|") != want {
		t.Errorf("got %s", strings.Join(got, "|"))
	}
}

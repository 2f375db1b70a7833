package lang

import "testing"

func TestDescribe(t *testing.T) {
	defs := testDefs(t)
	for _, c := range []struct {
		src  string
		want Want
		text string
	}{
		{`s == "write" and yes`, Condition, `s is "write" and yes is true`},
		{`not yes`, Condition, `yes is not true`},
		{`a > 3 or a <= -1`, Condition, `a is more than 3 or a is at most -1`},
		{`(a > 3 or yes) and b != 2`, Condition, `(a is more than 3 or yes is true) and b is not 2`},
		{`a > 3 or yes and no`, Condition, `a is more than 3 or (yes is true and no is true)`},
		{`not (yes and no)`, Condition, `not (yes is true and no is true)`},
		{`not (a >= 3)`, Condition, `a is not at least 3`},
		{`mode in ["on", "off"] and s not in ["x"]`, Condition, `mode is one of "on" or "off" and s is not "x"`},
		{`mode not in modes`, Condition, `mode is none of "on" or "off"`},
		{`a in 1..9`, Condition, `a is from 1 to 9`},
		{`node_name == nil or obj.x_y != nil`, Condition, `node_name was not sent or obj.x_y was sent`},
		{`(a ?? 0) > 3`, Condition, `a (0 if it was not sent) is more than 3`},
		{`s contains "x" and s startsWith "y" and not (s endsWith "z") and s matches "^a"`, Condition, `s contains "x" and s begins with "y" and s does not end with "z" and s matches "^a"`},
		{`len(s) > 3`, Condition, "`len(s)` is more than 3"},
		{`any(anything,   # == 1)`, Condition, "`any(anything, # == 1)`"},
		{`vm.name == "db1" and host != "x"`, Condition, `vm.name is "db1" and host is not "x"`},
		{`"db1" == s`, Condition, `s is "db1"`},
		{`data["x"] == 1`, Condition, "`data[\"x\"]` is 1"},
		{`is_disk and large`, Condition, `node_name is one of "disk0", "disk1" or "disk0" and a is more than 2`},
		{`true`, Condition, `always`},
		{`count >= 3 and distinct(node_name) > 1`, Having, `the number of matches is at least 3 and the number of different values of node_name is more than 1`},
		{`countif(mode == "on" and yes) * 2 > count`, Having, "`countif(mode == \"on\" and yes) * 2` is more than the number of matches"},
		{`countif(mode == "on") >= 1 and rate > 0.5`, Having, `the number of matches where mode is "on" is at least 1 and the number of matches per second is more than 0.5`},
		{`first_seen(s) and not first_seen(node_name)`, Having, `the window has not had the same s before and the window has had the same node_name before`},
		{`percentile(a, 95) > avg(a)`, Having, `the percentile 95 of a is more than the average of a`},
		{`last(s) == nil`, Having, `the newest s is not known`},
		{`max(a) - min(a) > stddev(a)`, Having, "`max(a) - min(a)` is more than the standard deviation of a"},
	} {
		env := Env{Event: testDef, Vars: WindowVars(), Defs: defs}
		if c.want == Having {
			env.Aggregates, env.Vars = new(Aggregates), nil
		}
		p, problems := Compile(c.src, env, c.want)
		if p == nil {
			t.Errorf("%s: %+v", c.src, problems)
			continue
		}
		if got := Describe(p); got != c.text {
			t.Errorf("%s:\n got %s\nwant %s", c.src, got, c.text)
		}
	}
}

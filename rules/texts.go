package rules

import (
	"fmt"
	"slices"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

const (
	severityLabel   = "severity"
	defaultSeverity = "warning"
	summaryText     = "summary"
)

// texts are the labels and annotations of a rule.
type texts struct {
	labels, annotations []eventText
}

// eventText is a named text, compiled for each kind of event.
type eventText struct {
	name string
	same *lang.Text // for every kind: it has no expression in it
	by   []kindText // in order of kind
}

type kindText struct {
	kindID
	text *lang.Text
}

// value is the text for the event in the frame; "" for a kind that it could not
// be compiled for.
func (t *eventText) value(f *lang.Frame) string {
	text := t.same
	if text == nil && f.Event != nil {
		for i := range t.by {
			if t.by[i].is(f.Event) {
				text = t.by[i].text
				break
			}
		}
	}
	if text == nil {
		return ""
	}
	return string(text.Append(nil, f))
}

// texts checks and compiles labels and annotations.
func (c *compiler) texts(r *Rule) {
	if c.isRecord() {
		return // it has none
	}
	taken := map[string]bool{}
	for _, pair := range c.spec.Labels {
		taken[pair.Key.Value] = true
		c.labelName(pair)
		r.texts.labels = append(r.texts.labels, c.text(pair, asLabel))
	}
	for _, pair := range c.spec.Annots {
		if !validLabelName(pair.Key.Value) {
			c.badName(pair.Key, "an annotation")
		}
		r.texts.annotations = append(r.texts.annotations, c.text(pair, asAnnotation))
	}
	c.groupLabels(r, taken)
}

// groupLabels adds the labels of the group that the rule does not have itself.
// Every rule finds what is wrong with them; it is said once.
func (c *compiler) groupLabels(r *Rule, taken map[string]bool) {
	g := c.spec.Group
	all := c.found
	for _, pair := range g.Labels {
		if taken[pair.Key.Value] {
			continue
		}
		c.found = nil
		c.labelName(pair)
		r.texts.labels = append(r.texts.labels, c.text(pair, asLabel))
		for _, f := range c.found {
			if !g.labelFindings[f.Pos] {
				g.labelFindings[f.Pos] = true
				all.Add(f.WithRelated(c.spec.Pos, "for this rule of the group"))
			}
		}
	}
	c.found = all
}

// text compiles one text for every event that can be the newest match.
func (c *compiler) text(pair yamldoc.Pair, u use) eventText {
	t := eventText{name: pair.Key.Value}
	constant := true
	c.eachTarget(pair.Value, c.textual, u, func(to target, out compiled) {
		t.by = append(t.by, kindText{to.id(), out.text})
		constant = constant && out.text.IsConstant()
	})
	if constant && len(t.by) > 0 {
		t.same, t.by = t.by[0].text, nil
	}
	return t
}

// labelName checks the name of a label.
func (c *compiler) labelName(pair yamldoc.Pair) {
	name := pair.Key.Value
	if !validLabelName(name) {
		c.badName(pair.Key, "a label")
		return
	}
	if slices.Contains(builtinLabels, name) {
		c.add(diag.New(diag.LabelCollision, pair.Key.Pos, "every alert has a label `%s` already", name).
			WithHint("%s", builtinHint[name]))
		return
	}
	for _, n := range c.spec.By {
		if labelName(n.Value) == name {
			c.add(diag.New(diag.LabelCollision, pair.Key.Pos, "`by: %s` makes the label `%s` already", n.Value, name).
				WithHint("remove it, or give it another name").WithRelated(n.Pos, "made here"))
			return
		}
	}
}

var builtinHint = map[string]string{
	"alertname": "it is the name that `alert` gives",
	"host":      "`scope: vm` and `scope: host` set it; remove it, or give it another name",
	"vm":        "`scope: vm` sets it; remove it, or give it another name",
}

func (c *compiler) badName(key *yamldoc.Node, what string) {
	f := diag.New(diag.BadValue, key.Pos, "`%s` is not a name for %s", key.Value, what).
		WithHint("names have letters, digits and _, and do not begin with a digit")
	if fixed := labelName(key.Value); fixed != key.Value && validLabelName(fixed) {
		f.Hint = fmt.Sprintf("write `%s`", fixed)
	}
	c.add(f)
}

package rules

import (
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

// fileParser reads the tree of one file into specs. What is malformed is a
// finding and left out; the rest is read all the same.
type fileParser struct{ found *diag.List }

// file reads the top level. A file of comments only has no rules.
func (p *fileParser) file(root *yamldoc.Node) []*Spec {
	if root.IsNull() || !root.AsMapping(p.found) {
		return nil
	}
	checkKeys(p.found, root, fileKeys, fileWords)
	groups := root.Require(p.found, "a rule file", "groups")
	if groups == nil {
		return nil
	}
	items, _ := groups.AsSequence(p.found)
	var specs []*Spec
	for _, item := range items {
		if item.AsMapping(p.found) {
			specs = append(specs, p.group(item)...)
		}
	}
	return specs
}

func (p *fileParser) group(n *yamldoc.Node) []*Spec {
	checkKeys(p.found, n, groupKeys, groupWords)
	g := &groupSpec{labelFindings: map[diag.Pos]bool{}}
	if name := n.Require(p.found, "a group", "name"); name != nil {
		g.Name = p.name(name, "a group")
	}
	g.Labels = p.texts(n.Get("labels"))
	list := n.Require(p.found, "a group", "rules")
	if list == nil {
		return nil
	}
	items, _ := list.AsSequence(p.found)
	var specs []*Spec
	for _, item := range items {
		if item.AsMapping(p.found) {
			specs = append(specs, p.rule(item, g))
		}
	}
	return specs
}

// texts reads a mapping of names to texts: labels, annotations.
func (p *fileParser) texts(n *yamldoc.Node) []yamldoc.Pair {
	if n == nil || !n.AsMapping(p.found) {
		return nil
	}
	var pairs []yamldoc.Pair
	n.Each(func(key, value *yamldoc.Node) {
		if _, ok := value.AsString(p.found); ok {
			pairs = append(pairs, yamldoc.Pair{Key: key, Value: value})
		}
	})
	return pairs
}

// checkKeys is yamldoc's check with a hint for the words of other tools.
func checkKeys(l *diag.List, n *yamldoc.Node, keys yamldoc.Keys, words map[string]string) {
	var found diag.List
	n.CheckKeys(&found, keys)
	at := make(map[diag.Pos]string, len(found))
	if len(found) > 0 {
		n.Each(func(key, _ *yamldoc.Node) { at[key.Pos] = key.Value })
	}
	for _, f := range found {
		if hint := words[at[f.Pos]]; hint != "" && f.Code == diag.UnknownKey {
			f.Hint = hint
		}
		l.Add(f)
	}
}

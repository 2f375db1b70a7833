package rules

import (
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

// fileParser reads the tree of one file into specs. What is malformed is a
// finding and left out; the rest is read all the same.
type fileParser struct {
	found *diag.List
	spec  *fileSpec
}

// file reads the top level. A file of comments only has no rules.
func (p *fileParser) file(root *yamldoc.Node) []*spec {
	if root.Kind == yamldoc.Sequence {
		p.found.Add(diag.New(diag.WrongType, root.Pos, "a rule file must be a mapping, but is a list").
			WithHint("%s", fileWords["rules"]))
		return nil
	}
	if root.IsNull() || !root.AsMapping(p.found) {
		return nil
	}
	if isTestFile(root) {
		return nil
	}
	p.checkKeys(root, fileKeys, fileWords)
	p.spec = p.definitions(root)
	groups := p.require(root, fileKeys, fileWords, "groups")
	if groups == nil {
		return nil
	}
	items, _ := groups.AsSequence(p.found)
	var specs []*spec
	for _, item := range items {
		if item.AsMapping(p.found) {
			specs = append(specs, p.group(item)...)
		}
	}
	return specs
}

// isTestFile reports whether a file has tests for the rules of other files, and
// no rules.
func isTestFile(root *yamldoc.Node) bool {
	return root.Key("tests") != nil && root.Key("groups") == nil
}

func (p *fileParser) group(n *yamldoc.Node) []*spec {
	p.checkKeys(n, groupKeys, groupWords)
	g := &groupSpec{File: p.spec, labelFindings: map[diag.Pos]bool{}}
	if name := p.require(n, groupKeys, groupWords, "name"); name != nil {
		g.Name = p.name(name, "a group")
	}
	g.Labels = p.texts(n, "labels")
	list := p.require(n, groupKeys, groupWords, "rules")
	if list == nil {
		return nil
	}
	items, _ := list.AsSequence(p.found)
	var specs []*spec
	for _, item := range items {
		if item.AsMapping(p.found) {
			specs = append(specs, p.rule(item, g))
		}
	}
	return specs
}

// texts reads a mapping of names to texts: labels, annotations.
func (p *fileParser) texts(n *yamldoc.Node, key string) []yamldoc.Pair {
	v := n.Get(key)
	if v == nil || !v.AsMapping(p.found) {
		return nil
	}
	if len(v.Pairs) > maxList {
		p.tooMany(v, key, maxList)
		return nil
	}
	var pairs []yamldoc.Pair
	v.Each(func(key, value *yamldoc.Node) {
		if _, ok := value.AsString(p.found); ok {
			pairs = append(pairs, yamldoc.Pair{Key: key, Value: value})
		}
	})
	return pairs
}

// checkKeys is yamldoc's check with a hint for the words of other tools.
func (p *fileParser) checkKeys(n *yamldoc.Node, keys yamldoc.Keys, words map[string]string) {
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
		p.found.Add(f)
	}
}

// require is yamldoc's, silent where an unknown key was answered with the one
// that is missing: that is one mistake.
func (p *fileParser) require(n *yamldoc.Node, keys yamldoc.Keys, words map[string]string, key string) *yamldoc.Node {
	if value := n.Get(key); value != nil {
		return value
	}
	if len(n.Pairs) > maxList {
		return n.Require(p.found, keys.Where, key)
	}
	meant := false
	n.Each(func(k, _ *yamldoc.Node) {
		if !slices.Contains(keys.Known, k.Value) && !slices.Contains(keys.Unsupported, k.Value) {
			meant = meant || diag.Suggest(k.Value, keys.Known) == key || strings.Contains(words[k.Value], "`"+key+"`")
		}
	})
	if meant {
		return nil
	}
	return n.Require(p.found, keys.Where, key)
}

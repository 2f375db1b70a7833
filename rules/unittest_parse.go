package rules

import (
	"cmp"
	"slices"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

// testSpec is a test as the user wrote it.
type testSpec struct {
	Name   *yamldoc.Node
	Pos    diag.Pos
	Input  []inputSpec
	Expect []expectSpec
}

// inputSpec is an event of a test as the user wrote it.
type inputSpec struct {
	Pos      diag.Pos
	At       *span
	VM, UUID *yamldoc.Node
	Host     *yamldoc.Node
	Event    *yamldoc.Node
	Data     *yamldoc.Node
	Raw      *yamldoc.Node
}

// expectSpec is an expectation as the user wrote it; lists that were refused
// are nil like those that are not there.
type expectSpec struct {
	Pos       diag.Pos
	At        *span
	Alertname *yamldoc.Node // in a test file
	Lists     [3]*yamldoc.Node
	Notified  *yamldoc.Node
}

// expectLists are the keys of an expectation that list alerts.
var expectLists = [3]string{"firing", "pending", "resolved"}

// tests reads the list under `tests` of a rule or of a test file.
func (p *fileParser) tests(n *yamldoc.Node, inFile bool) []testSpec {
	if n == nil {
		return nil
	}
	var tests []testSpec
	for _, item := range p.mappings(n, "tests") {
		tests = append(tests, p.test(item, inFile))
	}
	return tests
}

// mappings reads a list of mappings; what is no mapping is a finding.
func (p *fileParser) mappings(n *yamldoc.Node, key string) []*yamldoc.Node {
	items, _ := n.AsSequence(p.found)
	if len(items) > maxTestList {
		p.found.Errorf(diag.TooLarge, n.Pos, "`%s` has more than %d entries", key, maxTestList)
		return nil
	}
	var good []*yamldoc.Node
	for _, item := range items {
		if item.AsMapping(p.found) {
			good = append(good, item)
		}
	}
	return good
}

func (p *fileParser) test(n *yamldoc.Node, inFile bool) testSpec {
	t := testSpec{Pos: n.Pos}
	p.checkKeys(n, testKeys, testWords)
	if name := p.require(n, testKeys, testWords, "name"); name != nil {
		if t.Name = p.name(name, "a test"); t.Name != nil {
			t.Pos = name.Pos
		}
	}
	if input := n.Get("input"); input != nil {
		for _, item := range p.mappings(input, "input") {
			t.Input = append(t.Input, p.testInput(item))
		}
	}
	expect := p.require(n, testKeys, testWords, "expect")
	if expect == nil {
		return t
	}
	for _, item := range p.mappings(expect, "expect") {
		t.Expect = append(t.Expect, p.testExpect(item, inFile))
	}
	if expect.Kind == yamldoc.Sequence && len(expect.Items) == 0 {
		p.found.Add(diag.New(diag.TestExpectsNothing, expect.Pos, "a test that expects nothing cannot fail").
			WithHint("say what fires, or that nothing does: `expect: [{at: 5m, firing: []}]`"))
	}
	return t
}

func (p *fileParser) testInput(n *yamldoc.Node) inputSpec {
	in := inputSpec{Pos: n.Pos}
	p.checkKeys(n, inputKeys, inputWords)
	in.At = p.span(p.require(n, inputKeys, inputWords, "at"))
	in.Host = p.text(n.Get("host"))
	in.VM, in.UUID = p.testVM(n.Get("vm"))
	in.Raw, in.Event = p.text(n.Get("raw")), p.text(n.Get("event"))
	if data := n.Get("data"); data != nil && !data.IsNull() && data.AsMapping(p.found) {
		in.Data = data
	}
	switch raw := n.Key("raw"); {
	case raw == nil:
		p.require(n, inputKeys, inputWords, "event")
	case n.Get("event") != nil || n.Get("data") != nil:
		p.found.Add(diag.New(diag.KeyCombination, raw.Pos, "`raw` is a whole event and does not go with `event` or `data`").
			WithHint("remove one of them"))
		in.Raw = nil
	}
	return in
}

// testVM reads a name or, as records have it, {name: …, uuid: …}.
func (p *fileParser) testVM(n *yamldoc.Node) (name, uuid *yamldoc.Node) {
	if n == nil || n.Kind != yamldoc.Mapping {
		return p.text(n), nil
	}
	p.checkKeys(n, vmKeys, nil)
	return p.text(p.require(n, vmKeys, nil, "name")), p.text(n.Get("uuid"))
}

func (p *fileParser) testExpect(n *yamldoc.Node, inFile bool) expectSpec {
	e := expectSpec{Pos: n.Pos}
	keys := expectKeys
	if inFile {
		keys = fileExpectKeys
		e.Alertname = p.text(n.Get("alertname"))
	}
	p.checkKeys(n, keys, expectWords)
	e.At = p.span(p.require(n, keys, expectWords, "at"))
	something := false
	for i, key := range expectLists {
		if list := n.Get(key); list != nil {
			something = true
			if _, ok := list.AsSequence(p.found); ok {
				e.Lists[i] = list
			}
		}
	}
	if list := n.Get("notified"); list != nil {
		something = true
		if _, ok := list.AsScalarList(p.found); ok {
			e.Notified = list
		}
	}
	if !something {
		p.found.Add(diag.New(diag.TestExpectsNothing, n.Pos, "this expectation says nothing").
			WithHint("say what is the case then: `firing: []`, or what is `pending`, `resolved` or `notified`"))
	}
	return e
}

// inOrder sorts by time and leaves what is equal as it stands in the file.
func inOrder[T any](all []T, at func(T) int64) {
	slices.SortStableFunc(all, func(a, b T) int { return cmp.Compare(at(a), at(b)) })
}

package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// schema is events.json, resolved.
type schema struct {
	Events []*event // QEMU's and ours, by name
	Types  []*object
	Enums  []*enum
}

type event struct {
	Name         string
	Since        string
	Removed      string
	Deprecated   string
	DataSince    string `json:"data_since"`
	Category     string
	Summary      string
	Gate         string
	Condition    string
	Features     []string
	Fields       []*field
	Throttled    *throttle
	Correlate    []string `json:"correlate_on"`
	Follows      []struct{ When, Then string }
	Quirks       []string
	Own          bool   `json:"-"`
	GoName       string `json:"-"`
	KindConstant string `json:"-"`
}

type throttle struct {
	PeriodMS int `json:"period_ms"`
	Key      []string
	Since    string
	History  []struct {
		From string
		Key  []string
	}
}

// field is a member of an event or of an object.
type field struct {
	Name     string
	Type     string
	JSON     string
	Unit     string
	Optional bool
	Since    string
	Hoist    bool
	Aliases  []string
	Branch   string  `json:"-"`
	GoName   string  `json:"-"`
	Object   *object `json:"-"`
	Enum     *enum   `json:"-"`
}

// object is a nested type. The members of a union's branches stand in Fields
// too: on the wire they are beside the discriminator.
type object struct {
	Name          string `json:"-"`
	Summary       string
	Fields        []*field
	Discriminator string
	Branches      []struct{ Value, Type, Since string }
	Notes         string
}

type enum struct {
	Name   string `json:"-"`
	Values []struct {
		Value, Since string
		NotSent      string `json:"not_sent"`
	}
}

func parse(facts []byte) (*schema, error) {
	var file struct {
		Events []*event
		Own    []*event `json:"own_events"`
		Types  map[string]*object
		Enums  map[string]*enum
	}
	if err := json.Unmarshal(facts, &file); err != nil {
		return nil, err
	}
	for _, e := range file.Own {
		e.Own = true
	}
	s := &schema{Events: append(file.Events, file.Own...)}
	slices.SortFunc(s.Events, func(a, b *event) int { return strings.Compare(a.Name, b.Name) })
	for _, name := range slices.Sorted(maps.Keys(file.Enums)) {
		file.Enums[name].Name = name
		s.Enums = append(s.Enums, file.Enums[name])
	}
	for _, name := range slices.Sorted(maps.Keys(file.Types)) {
		file.Types[name].Name = name
		if err := inlineBranches(file.Types[name], file.Types); err != nil {
			return nil, err
		}
	}
	used := usedTypes(s.Events, file.Types)
	for _, name := range slices.Sorted(maps.Keys(used)) {
		s.Types = append(s.Types, file.Types[name])
	}
	resolve := func(fields []*field) error {
		for _, f := range fields {
			f.GoName = goName(f.Name)
			f.Object, f.Enum = file.Types[f.Type], file.Enums[f.Type]
			if f.Object == nil && f.Enum == nil && goTypes[f.Type] == "" {
				return fmt.Errorf("%s: unknown type %q", f.Name, f.Type)
			}
		}
		return nil
	}
	for _, t := range s.Types {
		if err := resolve(t.Fields); err != nil {
			return nil, fmt.Errorf("%s: %w", t.Name, err)
		}
	}
	for _, e := range s.Events {
		e.GoName = goName(strings.ToLower(e.Name))
		e.KindConstant = "Kind" + e.GoName
		if err := resolve(e.Fields); err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name, err)
		}
	}
	return s, nil
}

// usedTypes returns the nested types that some member has. Branches of unions
// and types whose members an event has directly are not among them.
func usedTypes(events []*event, types map[string]*object) map[string]bool {
	used := map[string]bool{}
	var walk func(fields []*field)
	walk = func(fields []*field) {
		for _, f := range fields {
			if t := types[f.Type]; t != nil && !used[f.Type] {
				used[f.Type] = true
				walk(t.Fields)
			}
		}
	}
	for _, e := range events {
		walk(e.Fields)
	}
	return used
}

// inlineBranches adds the members of all branches to the union t. A name that
// several branches have must have one type in all of them, since the wire does
// not say which is meant before the discriminator, which may come last.
func inlineBranches(t *object, types map[string]*object) error {
	seen := map[string]*field{}
	for _, branch := range t.Branches {
		b := types[branch.Type]
		if b == nil {
			return fmt.Errorf("%s: unknown branch type %q", t.Name, branch.Type)
		}
		for _, f := range b.Fields {
			if old := seen[f.Name]; old != nil {
				if old.Type != f.Type {
					return fmt.Errorf("%s: member %q has two types", t.Name, f.Name)
				}
				old.Branch += "|" + branch.Value
				continue
			}
			c := *f
			c.Branch, c.Optional = branch.Value, true
			if c.Since == "" {
				c.Since = branch.Since
			}
			seen[f.Name] = &c
			t.Fields = append(t.Fields, &c)
		}
	}
	return nil
}

// goTypes are the Go types of QAPI's builtin types.
var goTypes = map[string]string{
	"str": "string", "bool": "bool", "int": "int64", "uint64": "uint64", "size": "uint64",
	"uint32": "uint32", "uint16": "uint16", "number": "float64", "any": "Value",
}

// goType is the Go type of f inside its Opt.
func (f *field) goType() string {
	if t := goTypes[f.Type]; t != "" {
		return t
	}
	return f.Type
}

// form is the stem of the hand-written helpers that read and write f.
func (f *field) form() string {
	switch f.goType() {
	case "bool":
		return "Bool"
	case "int64":
		return "Int"
	case "uint64", "uint32", "uint16":
		return "Uint"
	case "float64":
		return "Float"
	case "Value":
		return "Any"
	}
	if f.Object != nil {
		return "Object"
	}
	return "String"
}

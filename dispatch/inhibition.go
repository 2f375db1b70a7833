package dispatch

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/alertmanager"
)

// inhibition knows which alerts that fire hide which others. Both sides meet in
// buckets: a source lies in some, a target looks into some, and it is hidden
// when one of these holds a source other than itself. So a storm of alerts need
// not be compared with each other.
type inhibition struct {
	rules   []inhibitRule
	sources map[bucket][]source // oldest first
	targets map[bucket]map[alert.Fingerprint]struct{}
}

// bucket is where sources and targets meet: what a source names and where it
// is (of rules' `inhibits`), or an inhibition rule and the values that it wants
// to be equal.
type bucket struct {
	kind  bucketKind
	rule  int    // of inhibitRule: which
	name  string // of `inhibits`: the alert that is hidden
	where string
}

type bucketKind uint8

const (
	ofVM     bucketKind = iota // `inhibits` of a source with this VM
	ofHost                     // of a source without VM
	anywhere                   // of any source on the host
	oneSided                   // of a rule whose target the source is not
	twoSided                   // of a rule whose target the source is too
)

type source struct {
	startsAt    int64
	fingerprint alert.Fingerprint
}

func (s source) compare(o source) int {
	return cmp.Or(cmp.Compare(s.startsAt, o.startsAt), cmp.Compare(s.fingerprint, o.fingerprint))
}

type inhibitRule struct {
	name           string
	source, target alertmanager.Matchers
	equal          []string
}

func newInhibition(written []InhibitRule) (*inhibition, error) {
	in := &inhibition{sources: map[bucket][]source{}, targets: map[bucket]map[alert.Fingerprint]struct{}{}}
	for i, w := range written {
		r := inhibitRule{name: cmp.Or(w.Name, fmt.Sprintf("number %d", i+1)), equal: w.Equal}
		var err error
		if r.source, err = alertmanager.ParseMatcherList(w.SourceMatchers); err == nil {
			r.target, err = alertmanager.ParseMatcherList(w.TargetMatchers)
		}
		if err != nil {
			return nil, fmt.Errorf("inhibition rule %s: %w", r.name, err)
		}
		in.rules = append(in.rules, r)
	}
	return in, nil
}

// place is a text for some values of labels that no other values give.
func place(values ...string) string {
	var b strings.Builder
	for _, v := range values {
		b.WriteString(strconv.Itoa(len(v)))
		b.WriteByte(':')
		b.WriteString(v)
	}
	return b.String()
}

func (r *inhibitRule) place(labels alert.Labels) string {
	values := make([]string, len(r.equal))
	for i, name := range r.equal {
		values[i] = labels.Get(name)
	}
	return place(values...)
}

// lies returns the buckets of an alert as a source.
func (in *inhibition) lies(c *alert.Change) []bucket {
	var out []bucket
	host, vm := c.Labels.Get("host"), c.Labels.Get("vm")
	for _, name := range c.Inhibits {
		out = append(out, bucket{kind: anywhere, name: name, where: place(host)})
		if vm == "" {
			out = append(out, bucket{kind: ofHost, name: name, where: place(host)})
		} else {
			out = append(out, bucket{kind: ofVM, name: name, where: place(host, vm)})
		}
	}
	for i := range in.rules {
		r := &in.rules[i]
		if !r.source.Match(c.Labels) {
			continue
		}
		kind := oneSided
		if r.target.Match(c.Labels) {
			kind = twoSided
		}
		out = append(out, bucket{kind: kind, rule: i, where: r.place(c.Labels)})
	}
	return out
}

// looks returns the buckets that an alert looks into as a target. One that an
// inhibition rule takes for both sides is hidden only by those that it does
// not: else two of them would hide each other, and nobody were told of either.
func (in *inhibition) looks(name string, labels alert.Labels) []bucket {
	host, vm := labels.Get("host"), labels.Get("vm")
	out := []bucket{{kind: anywhere, name: name, where: place(host)}}
	if vm != "" {
		out[0].kind = ofHost
		out = append(out, bucket{kind: ofVM, name: name, where: place(host, vm)})
	}
	for i := range in.rules {
		r := &in.rules[i]
		if !r.target.Match(labels) {
			continue
		}
		where := r.place(labels)
		out = append(out, bucket{kind: oneSided, rule: i, where: where})
		if !r.source.Match(labels) {
			out = append(out, bucket{kind: twoSided, rule: i, where: where})
		}
	}
	return out
}

// add takes in an alert that fires. touched are alerts for which it may matter.
func (in *inhibition) add(c *alert.Change) (touched []alert.Fingerprint) {
	for _, b := range in.looks(c.Name, c.Labels) {
		if in.targets[b] == nil {
			in.targets[b] = map[alert.Fingerprint]struct{}{}
		}
		in.targets[b][c.Fingerprint] = struct{}{}
	}
	s := source{c.StartsAt, c.Fingerprint}
	for _, b := range in.lies(c) {
		list := in.sources[b]
		if i, there := slices.BinarySearchFunc(list, s, source.compare); !there {
			in.sources[b] = slices.Insert(list, i, s)
			touched = in.touch(touched, b)
		}
	}
	return touched
}

// remove is the inverse of add.
func (in *inhibition) remove(c *alert.Change) (touched []alert.Fingerprint) {
	for _, b := range in.looks(c.Name, c.Labels) {
		delete(in.targets[b], c.Fingerprint)
		if len(in.targets[b]) == 0 {
			delete(in.targets, b)
		}
	}
	s := source{c.StartsAt, c.Fingerprint}
	for _, b := range in.lies(c) {
		list := in.sources[b]
		i, there := slices.BinarySearchFunc(list, s, source.compare)
		if !there {
			continue
		}
		if in.sources[b] = slices.Delete(list, i, i+1); len(list) == 1 {
			delete(in.sources, b)
		}
		touched = in.touch(touched, b)
	}
	return touched
}

// touch appends those that look into a bucket of which it makes a difference
// that one more or less lies there: that is when there is none, or one, which
// may be the one that looks.
func (in *inhibition) touch(touched []alert.Fingerprint, b bucket) []alert.Fingerprint {
	if len(in.sources[b]) <= 2 {
		for f := range in.targets[b] {
			touched = append(touched, f)
		}
	}
	return touched
}

// hiding is an alert that hides another one, and by which rule.
type hiding struct {
	by   alert.Fingerprint
	rule string // of an inhibition rule: its name; "" is `inhibits` of a rule
}

// by returns what hides an alert with these labels: at most one for each
// bucket, the oldest.
func (in *inhibition) by(name string, labels alert.Labels, self alert.Fingerprint) []hiding {
	var out []hiding
	for _, b := range in.looks(name, labels) {
		for _, s := range in.sources[b] {
			if s.fingerprint == self {
				continue
			}
			h := hiding{by: s.fingerprint}
			if b.kind == oneSided || b.kind == twoSided {
				h.rule = in.rules[b.rule].name
			}
			out = append(out, h)
			break
		}
	}
	return out
}

package engine

import (
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/qmp"
)

// ValueState is a qmp.Value as plain data that encoding/json carries without
// loss: times, durations and big numbers are not what JSON makes of them.
type ValueState struct {
	Kind  qmp.ValueKind `json:"kind"`
	Bool  bool          `json:"bool,omitempty"`
	Int   int64         `json:"int,omitempty"` // also times, microseconds, and durations, nanoseconds
	Uint  uint64        `json:"uint,omitempty"`
	Float float64       `json:"float,omitempty"`
	Text  []byte        `json:"text,omitempty"` // not always UTF-8
	Names []string      `json:"names,omitempty"`
	Items []ValueState  `json:"items,omitempty"`
}

func saveValue(v qmp.Value) ValueState {
	s := ValueState{Kind: v.Kind(), Names: v.Names()}
	switch s.Kind {
	case qmp.BoolValue:
		s.Bool, _ = v.AsBool()
	case qmp.IntValue:
		s.Int, _ = v.AsInt()
	case qmp.UintValue:
		s.Uint, _ = v.AsUint()
	case qmp.FloatValue:
		s.Float, _ = v.AsFloat()
	case qmp.StringValue:
		text, _ := v.AsString()
		s.Text = []byte(text)
	case qmp.ListValue, qmp.ObjectValue:
		for i := range v.Len() {
			s.Items = append(s.Items, saveValue(v.At(i)))
		}
	case qmp.TimeValue:
		s.Int, _ = v.AsTime()
	case qmp.DurationValue:
		d, _ := v.AsDuration()
		s.Int = int64(d)
	}
	return s
}

func (s *ValueState) value() qmp.Value {
	var items []qmp.Value
	for i := range s.Items {
		items = append(items, s.Items[i].value())
	}
	switch s.Kind {
	case qmp.BoolValue:
		return qmp.Bool(s.Bool)
	case qmp.IntValue:
		return qmp.Int(s.Int)
	case qmp.UintValue:
		return qmp.Uint(s.Uint)
	case qmp.FloatValue:
		return qmp.Float(s.Float)
	case qmp.StringValue:
		return qmp.String(string(s.Text))
	case qmp.ListValue:
		return qmp.List(items)
	case qmp.ObjectValue:
		if len(s.Names) != len(items) {
			return qmp.Value{}
		}
		return qmp.Object(s.Names, items)
	case qmp.TimeValue:
		return qmp.Time(s.Int)
	case qmp.DurationValue:
		return qmp.Duration(time.Duration(s.Int))
	}
	return qmp.Value{}
}

// copyValues appends values that share no memory with events.
func copyValues(dst, vs []qmp.Value) []qmp.Value {
	for _, v := range vs {
		dst = append(dst, copyValue(v))
	}
	return dst
}

// copyValue returns a value that shares no memory with an event. Lists and
// objects have memory of their own but for the strings in them.
func copyValue(v qmp.Value) qmp.Value {
	switch v.Kind() {
	case qmp.StringValue:
		s, _ := v.AsString()
		return qmp.String(strings.Clone(s))
	case qmp.ListValue, qmp.ObjectValue:
		items := make([]qmp.Value, v.Len())
		for i := range items {
			items[i] = copyValue(v.At(i))
		}
		if v.Kind() == qmp.ListValue {
			return qmp.List(items)
		}
		names := make([]string, v.Len())
		for i, name := range v.Names() {
			names[i] = strings.Clone(name)
		}
		return qmp.Object(names, items)
	}
	return v
}

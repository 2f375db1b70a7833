package engine

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/qmp"
)

// A snapshot gives back values as they were, also those that JSON knows nothing
// of.
func TestValuesInSnapshots(t *testing.T) {
	for _, v := range []qmp.Value{
		{}, qmp.Bool(true), qmp.Bool(false), qmp.Int(-5), qmp.Int(math.MinInt64), qmp.Uint(math.MaxUint64), qmp.Float(0.1), qmp.Float(3),
		qmp.String(""), qmp.String("a\xff\u202e"), qmp.Time(-1), qmp.Time(1_800_000_000_000_001), qmp.Duration(90 * time.Second),
		qmp.List(nil), qmp.Object([]string{"a", "b"}, []qmp.Value{qmp.Int(1), qmp.List([]qmp.Value{qmp.String("x"), {}})}),
	} {
		text, err := json.Marshal(saveValue(v))
		if err != nil {
			t.Fatal(err)
		}
		var s ValueState
		if err := json.Unmarshal(text, &s); err != nil {
			t.Fatal(err)
		}
		for what, back := range map[string]qmp.Value{"snapshot": s.value(), "copy": copyValue(v)} {
			if back.Kind() != v.Kind() || !qmp.Equal(back, v) {
				t.Errorf("%s of %s %s is %s %s", what, v.Kind(), v.AppendJSON(nil), back.Kind(), back.AppendJSON(nil))
			}
		}
	}
	if v := (&ValueState{Kind: qmp.ObjectValue, Names: []string{"a"}}).value(); !v.IsNil() {
		t.Error("a damaged object is a value")
	}
}

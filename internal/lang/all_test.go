package lang

import (
	"testing"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/qmp"
)

// An operator mends a rule once: a wrong name must not hide a wrong value.
func TestUnknownMemberDoesNotHideAWrongValue(t *testing.T) {
	env := Env{Event: qmp.Lookup("BLOCK_IO_ERROR"), Name: "BLOCK_IO_ERROR"}
	_, problems := Compile(`action == "stopp" and node_nam == "a" and operation in ["raed"]`, env, Condition)
	var got []diag.Code
	for _, p := range problems {
		got = append(got, p.Code)
	}
	if len(got) != 3 || got[0] != diag.NotInEnum || got[1] != diag.UnknownMember || got[2] != diag.NotInEnum {
		t.Errorf("got %v", problems)
	}
}

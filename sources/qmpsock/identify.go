package qmpsock

import (
	"context"
	"errors"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
)

// noUUID is what query-uuid answers when -uuid was not given.
const noUUID = "00000000-0000-0000-0000-000000000000"

// identify asks QEMU who it is. A refusal is no obstacle, there are other ways
// to a name. When it can not answer at all, the VM of the last connection is
// most likely the same; without one there is no identity, and events under a
// wrong name are worse than none, unless there are some already.
func (m *monitor) identify(ctx context.Context, client *qmp.Client) (event.VM, error) {
	vm := event.VM{Name: m.src.name.Of(m.addr.file())}
	if vm.Name == "" {
		name, err := ask(ctx, client, qmp.QueryName, "name")
		switch {
		case err == nil:
			vm.Name = name
		case m.vm.Name != "":
			return m.vm, nil
		case m.queue.held() == 0:
			return event.VM{}, err
		}
	}
	if vm.Name == "" {
		vm.Name = m.addr.file()
	}
	uuid, err := ask(ctx, client, qmp.QueryUUID, "UUID")
	if err == nil && uuid != noUUID {
		vm.UUID = uuid
	}
	return vm, nil
}

// ask returns a member of the answer, "" when QEMU refuses or has none.
func ask(ctx context.Context, client *qmp.Client, q qmp.Query, member string) (string, error) {
	answer, err := client.Query(ctx, q)
	var refusal *qmp.Error
	if errors.As(err, &refusal) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	text, _ := qmp.ParseValue(answer).Get(member).AsString()
	return text, nil
}

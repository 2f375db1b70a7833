package body

import (
	"errors"
	"fmt"

	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/payload"
	"github.com/qmpalert/qmpalert/qmp"
)

// MaxSize bounds the JSON of a body, in bytes.
const MaxSize = 1 << 20

// ErrTooLarge says that a body has more than MaxSize bytes however short its
// lists are.
var ErrTooLarge = fmt.Errorf("the body has more than %d bytes", MaxSize)

// lengths are how long the lists are, one after the other until the JSON fits.
var lengths = []int{100, 30, 10, 3, 1, 0}

// Encode makes the JSON for a notification: the same bytes for the same
// notification and secrets. At most `most` alerts are listed, 0 means as many as
// there can be in a list: 100. Secrets are what must not be shown of
// it; they are returned beside an error, too. Errors: ErrTooLarge, and those of
// secrets that cannot be read.
func (b *Body) Encode(n *notifiers.Notification, most int) (raw []byte, secrets []string, err error) {
	if most <= 0 {
		most = lengths[0]
	}
	for _, length := range lengths {
		e := &encoder{frame: b.frame(n, length, most), secrets: append([]string(nil), b.fixed...)}
		if err = e.node(&b.root); err == nil {
			raw := payload.Escape(e.out)
			if len(raw) <= MaxSize {
				return raw, e.secrets, nil
			}
			err = ErrTooLarge
		}
		secrets = e.secrets
		if !errors.Is(err, ErrTooLarge) {
			break
		}
	}
	return nil, secrets, err
}

// encoder writes one body.
type encoder struct {
	frame   *lang.Frame
	out     []byte
	secrets []string
}

func (e *encoder) node(n *node) error {
	if len(e.out) > MaxSize {
		return ErrTooLarge
	}
	switch {
	case n.text != nil:
		e.out = n.text.Value(e.frame).AppendJSON(e.out)
	case n.secret != nil:
		value, err := n.secret()
		if err != nil {
			return err
		}
		e.secrets = append(e.secrets, value)
		e.out = qmp.String(value).AppendJSON(e.out)
	case n.isList:
		return e.all('[', ']', len(n.list), func(i int) error { return e.node(&n.list[i]) })
	case n.object != nil:
		return e.all('{', '}', len(n.object), func(i int) error {
			e.out = append(append(e.out, n.object[i].name...), ':')
			return e.node(&n.object[i].value)
		})
	default:
		e.out = append(e.out, n.raw...)
	}
	return nil
}

// all writes the parts of a list or object.
func (e *encoder) all(open, end byte, parts int, part func(int) error) error {
	e.out = append(e.out, open)
	for i := range parts {
		if i > 0 {
			e.out = append(e.out, ',')
		}
		if err := part(i); err != nil {
			return err
		}
	}
	e.out = append(e.out, end)
	return nil
}

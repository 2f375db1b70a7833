package ndjson

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
)

// This file finds what has to be known before it comes, by reading the file
// another time.

// errFound ends a walk.
var errFound = errors.New("found")

// walk calls visit for every value that is not damaged, until visit returns
// errFound or the end.
func (s *spool) walk(visit func(*qmp.Message) error) error {
	dec := s.decoder()
	var m qmp.Message
	for {
		err := dec.Next(&m)
		if err == nil {
			err = visit(&m)
		}
		switch {
		case err == nil, isDamage(err):
		case errors.Is(err, errFound), errors.Is(err, io.EOF):
			return nil
		default:
			return err
		}
	}
}

// answerToQueryName returns the name in the first answer that has the shape of
// an answer to query-name: an object whose only member is name, a string that is
// not empty. It returns "" when there is none.
func (s *spool) answerToQueryName() (name string, err error) {
	if has, err := s.contains(`"return"`); err != nil || !has {
		return "", err
	}
	err = s.walk(func(m *qmp.Message) error {
		if m.Type != qmp.TypeReturn {
			return nil
		}
		v := qmp.ParseValue(m.Return)
		if v.Kind() != qmp.ObjectValue || v.Len() != 1 {
			return nil
		}
		if text, ok := v.Get("name").AsString(); ok && text != "" {
			name = strings.Clone(text)
			return errFound
		}
		return nil
	})
	return name, err
}

// contains searches for a text that no JSON writer would spell otherwise. It is
// much cheaper than decoding, and most recordings have no answers at all.
func (s *spool) contains(text string) (bool, error) {
	r := s.reader()
	buf := make([]byte, 256<<10)
	kept := 0
	for {
		n, err := io.ReadFull(r, buf[kept:])
		window := buf[:kept+n]
		if bytes.Contains(window, []byte(text)) {
			return true, nil
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		kept = copy(buf, window[len(window)-len(text)+1:])
	}
}

// Contains reports whether a text, of at most a kilobyte, stands anywhere in the
// recording, wherever Next is. It reads all of it but decodes nothing.
func (r *Reader) Contains(text string) (bool, error) {
	has, err := r.text.contains(text)
	if err != nil {
		return false, fmt.Errorf("%s: %w", r.name, err)
	}
	return has, nil
}

// firstTime returns the time of the first event that has one, 0 when none has.
func (s *spool) firstTime() (first int64, err error) {
	err = s.walk(func(m *qmp.Message) error {
		if m.Type != qmp.TypeEvent {
			return nil
		}
		ev := event.FromMessage(m)
		if t, ok := ownTime(&ev); ok {
			first = t
			return errFound
		}
		return nil
	})
	return first, err
}

// Origin is a VM and where it runs.
type Origin struct{ Host, VM string }

// VMs reads the whole recording, wherever Next is, and returns the VMs whose
// events are in it, sorted by host, then name.
func (r *Reader) VMs() ([]Origin, error) {
	all := map[Origin]struct{}{}
	err := r.text.walk(func(m *qmp.Message) error {
		if m.Type != qmp.TypeEvent {
			return nil
		}
		ev := event.FromMessage(m)
		if err := r.own(&ev); err != nil {
			return err
		}
		o := Origin{Host: cmp.Or(ev.Host, r.opt.Host), VM: ev.VM.Name}
		if _, known := all[o]; !known && o.VM != "" {
			all[Origin{Host: strings.Clone(o.Host), VM: strings.Clone(o.VM)}] = struct{}{}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	list := make([]Origin, 0, len(all))
	for o := range all {
		list = append(list, o)
	}
	slices.SortFunc(list, func(a, b Origin) int { return cmp.Or(cmp.Compare(a.Host, b.Host), cmp.Compare(a.VM, b.VM)) })
	return list, nil
}

package ndjson

import (
	"context"
	"errors"
	"io"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/sources"
)

// Source is a recording as a source: it waits for emit and ends with the file.
type Source struct {
	path string
	opt  Options
}

// NewSource returns a source of the recording at path ("-" is standard input),
// which is opened by Run.
func NewSource(path string, opt Options) *Source { return &Source{path: path, opt: opt} }

// Run implements sources.Source. It also returns an error when the file cannot
// be read; damage in it is skipped.
func (s *Source) Run(ctx context.Context, emit sources.Emit) error {
	r, err := Open(s.path, s.opt)
	if err != nil {
		return err
	}
	defer r.Close()
	var ev event.Event
	for ctx.Err() == nil {
		switch err := r.Next(&ev); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if ctx.Err() != nil {
			return nil
		}
		if err := emit(ctx, &ev); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

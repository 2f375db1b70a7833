package qmp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Why a Client cannot be had, or ended. Errors wrap them.
var (
	// ErrBusy: nothing came after connecting. A monitor serves one client; a
	// second one connects and waits without a word.
	ErrBusy = errors.New("another client holds this monitor: it sends no greeting")
	// ErrNotQMP: something came, but not the greeting of a QMP monitor.
	ErrNotQMP = errors.New("this is not a QMP monitor: it sends no greeting of QMP")
	// ErrOversized: values above the limit came three times within a minute.
	ErrOversized = errors.New("three values above the size limit within a minute")
	// ErrNoAnswer: a command was not answered in time.
	ErrNoAnswer = errors.New("no answer")
)

// Too many values above the size limit within a span end a connection: a far
// end that sends those is not worth listening to.
const (
	oversizedMax  = 3
	oversizedSpan = time.Minute
)

// ClientOptions are the bounds of a Client. The zero value has the defaults.
type ClientOptions struct {
	GreetingTimeout time.Duration // 2s when 0; a monitor in use never greets
	CommandTimeout  time.Duration // 10s when 0; also for writing one
	MaxEvent        int           // bytes, 1 MiB when 0
	MaxReply        int           // bytes, 4 MiB when 0

	// OnEvent gets every event in the order of the wire, those before the
	// greeting and between answers too. It runs on the reader and must not
	// block, nor call the Client's methods: QEMU does not wait for a slow
	// reader, it grows its own memory. The event is valid until it returns.
	OnEvent func(*Event)
}

func (o ClientOptions) withDefaults() ClientOptions {
	if o.GreetingTimeout <= 0 {
		o.GreetingTimeout = 2 * time.Second
	}
	if o.CommandTimeout <= 0 {
		o.CommandTimeout = 10 * time.Second
	}
	if o.OnEvent == nil {
		o.OnEvent = func(*Event) {}
	}
	return o
}

// Client is a connection to a monitor in command mode that reads all the time.
// It can ask queries and nothing else. Its methods may be called by many
// goroutines at once.
type Client struct {
	conn    net.Conn
	opt     ClientOptions
	version Version
	counts  clientCounts

	greeting chan Version  // one, from the reader
	done     chan struct{} // closed when the reader has ended

	writing sync.Mutex // one command at a time on the wire

	mu      sync.Mutex
	err     error // why it ended
	nextID  uint64
	pending map[uint64]chan answer // at most one answer each
}

// answer is what the reader hands to the one who asked. Both parts are copies.
type answer struct {
	value []byte
	err   error
}

// NewClient takes over conn, waits for the greeting and enters command mode.
// It blocks until then, for at most the deadlines of the greeting and of a
// command, or until ctx ends. When it returns an error, conn is closed.
func NewClient(ctx context.Context, conn net.Conn, opt ClientOptions) (*Client, error) {
	c := &Client{
		conn:     conn,
		opt:      opt.withDefaults(),
		greeting: make(chan Version, 1),
		done:     make(chan struct{}),
		pending:  make(map[uint64]chan answer),
	}
	go c.read()
	if err := c.negotiate(ctx); err != nil {
		_ = c.Close() // what went wrong first is what counts
		return nil, err
	}
	return c, nil
}

func (c *Client) negotiate(ctx context.Context) error {
	deadline := time.NewTimer(c.opt.GreetingTimeout)
	defer deadline.Stop()
	select {
	case c.version = <-c.greeting:
	case <-c.done:
		return c.Err()
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-deadline.C:
		if s := c.Stats(); s.Events > 0 {
			return fmt.Errorf("%w: events, but no greeting within %v", ErrNotQMP, c.opt.GreetingTimeout)
		}
		return fmt.Errorf("%w within %v", ErrBusy, c.opt.GreetingTimeout)
	}
	if _, err := c.execute(ctx, "qmp_capabilities"); err != nil {
		return fmt.Errorf("capabilities: %w", err)
	}
	return nil
}

// Version returns what the greeting said.
func (c *Client) Version() Version { return c.version }

// Query asks and waits for the answer: the JSON text of "return", at most
// MaxReply bytes. A refusal is an *Error, silence ErrNoAnswer, the end of the
// connection what Err returns. An answer that comes too late is counted and
// goes nowhere.
func (c *Client) Query(ctx context.Context, q Query) ([]byte, error) {
	name := q.String()
	if name == "" {
		return nil, fmt.Errorf("query %d: there is no such query", q)
	}
	value, err := c.execute(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return value, nil
}

// execute sends a command of this package's choice and waits for its answer.
func (c *Client) execute(ctx context.Context, command string) ([]byte, error) {
	waiting := make(chan answer, 1)
	c.mu.Lock()
	c.nextID++
	id := c.nextID
	c.pending[id] = waiting
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.pending, id)
		c.mu.Unlock()
	}()

	deadline := time.NewTimer(c.opt.CommandTimeout)
	defer deadline.Stop()
	if err := c.write(`{"execute":"` + command + `","id":` + strconv.FormatUint(id, 10) + `}`); err != nil {
		return nil, err
	}
	select {
	case a := <-waiting:
		return a.value, a.err
	case <-c.done:
		select {
		case a := <-waiting: // its last word
			return a.value, a.err
		default:
			return nil, c.Err()
		}
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-deadline.C:
		return nil, fmt.Errorf("%w within %v", ErrNoAnswer, c.opt.CommandTimeout)
	}
}

// write puts a command on the wire. Its newline is a write of its own: over
// TLS, QEMU 7.2 looks at a command only when a further record arrives.
func (c *Client) write(command string) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	err := c.conn.SetWriteDeadline(time.Now().Add(c.opt.CommandTimeout))
	for _, part := range []string{command, "\n"} {
		if err == nil {
			_, err = c.conn.Write([]byte(part))
		}
	}
	if err != nil {
		// Half a command may be out: nothing sensible can follow it.
		c.fail(fmt.Errorf("write: %w", err))
		return c.Err()
	}
	return nil
}

// Done is closed when the connection has ended, for whatever reason; no event
// is delivered afterwards.
func (c *Client) Done() <-chan struct{} { return c.done }

// Err returns why the connection ended: io.EOF (wrapped) when the monitor
// closed it, net.ErrClosed after Close; nil while it lasts.
func (c *Client) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Close ends the connection and waits for the reader, so for a running OnEvent
// too. It may be called more than once, but not from OnEvent.
func (c *Client) Close() error {
	c.fail(net.ErrClosed)
	<-c.done
	return nil
}

// fail ends the connection for the first reason given; further ones are its
// consequences.
func (c *Client) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = err
		c.conn.Close()
	}
}

// answered hands an answer to the one who waits for it.
func (c *Client) answered(m *Message) {
	id, err := strconv.ParseUint(string(m.ID), 10, 64)
	if err != nil {
		id = 0 // no command has it
	}
	c.mu.Lock()
	waiting, known := c.pending[id]
	delete(c.pending, id)
	c.mu.Unlock()
	if !known {
		c.counts.unmatched.Add(1)
		return
	}
	c.counts.answers.Add(1)
	if m.Type == TypeError {
		waiting <- answer{err: &Error{Class: strings.Clone(m.Err.Class), Desc: strings.Clone(m.Err.Desc)}}
		return
	}
	waiting <- answer{value: bytes.Clone(m.Return)}
}

package qmp

import (
	"bytes"
	"io"
	"reflect"
	"testing"
	"testing/iotest"
)

// Copies hold when the decoder has long written over what they were made from,
// also those that take the place of another.
func TestCopyToDetaches(t *testing.T) {
	data := append(benchData(t), []byte(`
{"event":"OF_TOMORROW","data":{"a":"b"}}
{"event":"BLOCK_IO_ERROR","data":{"reason":"a \"quoted\" reason","node-name":"n","device":""}}
{"event":"STOP"}
`)...)
	keep := NewDecoder(bytes.NewReader(data), Options{})
	reuse := NewDecoder(iotest.HalfReader(bytes.NewReader(data)), Options{Reuse: true})
	type copied struct {
		want, got Event
		text      []byte
	}
	var slots [700]copied // more than a buffer of the decoder holds
	check := func(c *copied) {
		if !reflect.DeepEqual(c.want, c.got) { // follows Data, and tells nil from empty
			t.Fatalf("want %+v, got %+v", c.want, c.got)
		}
	}
	for n := 0; ; n++ {
		var a, b Message
		if err := keep.Next(&a); err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		if err := reuse.Next(&b); err != nil {
			t.Fatal(err)
		}
		c := &slots[n%len(slots)]
		check(c)
		c.want = a.Event
		c.text = b.Event.CopyTo(&c.got, c.text)
		check(c)
	}
}

func TestCopyToReusesMemory(t *testing.T) {
	var m Message
	if err := DecodeBytes([]byte(`{"event":"BLOCK_IO_ERROR","data":{"reason":"a \"b\"","node-name":"n","device":""}}`), &m); err != nil {
		t.Fatal(err)
	}
	var dst Event
	text := m.Event.CopyTo(&dst, nil)
	if n := testing.AllocsPerRun(100, func() { text = m.Event.CopyTo(&dst, text) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

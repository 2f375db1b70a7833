package dispatch

import "slices"

// Config is what a Planner decides by. It is not changed after it was handed
// over.
type Config struct {
	// Default is the receiver of the route: for alerts whose rule names none.
	// "" tells nobody about those.
	Default string
	// Receivers are all that exist, in any order; names are unique.
	Receivers []Receiver
	// ExternalURL is copied into each notification.
	ExternalURL string
}

// Receiver is one that can be told.
type Receiver struct {
	Name         string
	SendResolved bool
}

// find returns the receiver of that name.
func (c *Config) find(name string) (Receiver, bool) {
	for _, r := range c.Receivers {
		if r.Name == name {
			return r, true
		}
	}
	return Receiver{}, false
}

// receivers returns who is told about a firing alert whose rule names these:
// existing receivers, each once, in the order named.
func (c *Config) receivers(named []string) []string {
	if len(named) == 0 {
		named = []string{c.Default}
	}
	var out []string
	for _, name := range named {
		if _, ok := c.find(name); !ok {
			name = c.Default
		}
		if _, ok := c.find(name); ok && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

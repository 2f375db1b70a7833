package config

import (
	"time"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

// Config is a configuration file that was found good. Paths in it are relative
// to the working directory: those of the file were joined to its directory.
type Config struct {
	// File is the name the configuration was read from.
	File string
	// Host is the name of this host in events; "" means the system's.
	Host string
	// ExternalURL is where people reach this qmpalert; "" when nowhere.
	ExternalURL string
	// Sources are where events come from; nil when the key is absent.
	Sources []Source
	// RuleFiles are files, directories and globs; nil when the key is absent.
	RuleFiles []string
	// Route is the root of the tree that decides who is told.
	Route Route
	// InhibitRules say which alerts nobody is told of while another one fires.
	InhibitRules []InhibitRule
	// TimeIntervals have unique names.
	TimeIntervals []TimeInterval
	// Receivers have unique names.
	Receivers []Receiver
	Web       Web
	Storage   Storage
	Heartbeat Heartbeat

	ignores yamldoc.Ignores // comments that silence findings
	wanted  []wantedAlert
}

// Source is one entry of sources. Exactly one of QMP and File is set.
type Source struct {
	// QMP is the path of a unix socket, a glob of such paths, or
	// tcp://host:port.
	QMP string
	// File is the path of a recording that is followed as it grows, or a glob of
	// such paths.
	File string
	// VMName is text in which {{ file }} stands for the name of the file or
	// socket without its extension; "" means as QEMU says.
	VMName string
	Pos    diag.Pos
}

// Web is the HTTP interface.
type Web struct {
	Listen string // host:port; "" when there is none
	Token  Secret // set if Listen is not a loopback address
	Pos    diag.Pos
}

// Storage is the state directory and its bounds.
type Storage struct {
	Path      string        // "" keeps nothing on disk
	Retention time.Duration // of events and of alerts that ended
	MaxSize   int64         // of the journal, in bytes
	Sync      bool          // what was accepted survives a loss of power
	Pos       diag.Pos
}

// Heartbeat is an address that is called while all is well.
type Heartbeat struct {
	URL      Secret // not set when there is none
	Interval time.Duration
	Pos      diag.Pos
}

// ReceiverNames lists the receivers in the order of the file.
func (c *Config) ReceiverNames() []string {
	names := make([]string, len(c.Receivers))
	for i := range c.Receivers {
		names[i] = c.Receivers[i].Name
	}
	return names
}

// Receiver returns the receiver of that name, nil if there is none.
func (c *Config) Receiver(name string) *Receiver {
	for i := range c.Receivers {
		if c.Receivers[i].Name == name {
			return &c.Receivers[i]
		}
	}
	return nil
}

package qmp

// Query is a command that reads and changes nothing. A Client can send no
// other: there is no way from a string to a command, only ParseQuery, which
// knows the same list.
type Query uint8

// The queries. None of them takes arguments, locks anything or re-arms an
// event (query-rx-filter would), so they are safe on any VM at any time.
const (
	QueryName Query = iota + 1
	QueryUUID
	QueryStatus
	QueryVersion
	QueryBlock
	QueryBlockStats
	QueryBlockJobs
	QueryNamedBlockNodes
	QueryJobs
	QueryMigrate
	QueryCPUs
	QueryIOThreads
	QueryBalloon
	QueryMemorySize
	QueryMemoryDevices
	QueryVNC
	QuerySPICE
	QueryChardev
	QueryKVM
)

var queryNames = [...]string{
	QueryName:            "query-name",
	QueryUUID:            "query-uuid",
	QueryStatus:          "query-status",
	QueryVersion:         "query-version",
	QueryBlock:           "query-block",
	QueryBlockStats:      "query-blockstats",
	QueryBlockJobs:       "query-block-jobs",
	QueryNamedBlockNodes: "query-named-block-nodes",
	QueryJobs:            "query-jobs",
	QueryMigrate:         "query-migrate",
	QueryCPUs:            "query-cpus-fast",
	QueryIOThreads:       "query-iothreads",
	QueryBalloon:         "query-balloon",
	QueryMemorySize:      "query-memory-size-summary",
	QueryMemoryDevices:   "query-memory-devices",
	QueryVNC:             "query-vnc",
	QuerySPICE:           "query-spice",
	QueryChardev:         "query-chardev",
	QueryKVM:             "query-kvm",
}

// String returns the name of the command, "" for a value that is no Query.
func (q Query) String() string {
	if int(q) < len(queryNames) {
		return queryNames[q]
	}
	return ""
}

// ParseQuery returns the query of that name. Commands that are not in the list
// do not exist here, whether QEMU has them or not.
func ParseQuery(name string) (Query, bool) {
	for _, q := range Queries() {
		if q.String() == name {
			return q, true
		}
	}
	return 0, false
}

// Queries returns every query there is.
func Queries() []Query {
	all := make([]Query, 0, len(queryNames)-1)
	for q := QueryName; int(q) < len(queryNames); q++ {
		all = append(all, q)
	}
	return all
}

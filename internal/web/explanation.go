package web

// Explanation is why an alert fired or did not, and who was told: all that is
// known about one life.
type Explanation struct {
	Alert Alert `json:"alert"`
	// Rule is left out when it does not exist any more.
	Rule *RuleWords `json:"rule,omitempty"`
	// Changes are the steps of this life, oldest first. Evidence is that of each.
	Changes []Change `json:"changes"`
	// Decisions say who was to be told, who was not, and why, oldest first.
	Decisions []Decision `json:"decisions"`
	// Messages are those that carry the alert, oldest first.
	Messages []Message `json:"messages"`
	// Route is what the route makes of the labels now; left out for an alert that
	// is over, or whose rule asks no route.
	Route *RouteExplanation `json:"route,omitempty"`
}

// RuleWords is what a rule wants, for people.
type RuleWords struct {
	Group string   `json:"group"`
	Name  string   `json:"name"`
	File  string   `json:"file"`
	Line  int      `json:"line"`
	Fires string   `json:"fires"`
	Notes []string `json:"notes"`

	Form      string   `json:"form"`
	Key       []string `json:"key"`                 // host, vm, and the `by` members
	Threshold string   `json:"threshold,omitempty"` // "3 matches", "sum(x) > 5", "4 steps"
	Within    string   `json:"within,omitempty"`    // "5m"
	For       string   `json:"for,omitempty"`
	KeepFor   string   `json:"keepFiringFor,omitempty"`
	Confirm   string   `json:"confirm,omitempty"` // the query
	Inhibits  []string `json:"inhibits,omitempty"`
	Shadow    bool     `json:"shadow"`
}

// Decision is one decision about one alert.
type Decision struct {
	At       Time   `json:"at"`
	What     string `json:"what"` // told, muted, silenced, inhibited, acknowledged, …
	Receiver string `json:"receiver,omitempty"`
	Group    string `json:"group,omitempty"`
	Message  string `json:"message,omitempty"` // id of the message
	By       string `json:"by,omitempty"`      // a person, a silence, another alert
	Text     string `json:"text,omitempty"`
}

// Message is one notification and what became of it at each endpoint.
type Message struct {
	ID       string `json:"id"`
	Receiver string `json:"receiver"`
	Endpoint string `json:"endpoint"`
	Route    string `json:"route,omitempty"`
	Kind     string `json:"kind"`
	Status   string `json:"status"`
	At       Time   `json:"at"`
	// State is queued, delivered, or dead. A message that was folded into another
	// one has its ID in CarriedBy.
	State     string `json:"state"`
	CarriedBy string `json:"carriedBy,omitempty"`
	Tries     []Try  `json:"tries"`
}

// Try is one attempt to deliver.
type Try struct {
	At           Time   `json:"at"`
	Outcome      string `json:"outcome"` // accepted, or the class of the error
	Error        string `json:"error,omitempty"`
	Milliseconds int64  `json:"milliseconds"`
	NextAt       Time   `json:"nextAt,omitzero"` // optional: when it is tried again
}

// RouteExplanation is who would be told about an alert, and why.
type RouteExplanation struct {
	Labels map[string]string `json:"labels"`
	At     Time              `json:"at"`
	// Routes are the whole tree from the root, each before its children.
	Routes []Route `json:"routes"`
	// Muted would hide the alert from everybody.
	Muted []Mute `json:"mutedBy"`
}

// Route is one route and what it makes of the labels.
type Route struct {
	Depth    int    `json:"depth"`    // 0 is the root
	Route    string `json:"route"`    // the matchers from the root on
	Matchers string `json:"matchers"` // its own
	Matches  bool   `json:"matches"`  // its own matchers hold
	Reached  bool   `json:"reached"`  // the labels came this far
	Decides  bool   `json:"decides"`  // it tells its receiver
	Continue bool   `json:"continue"`
	Receiver string `json:"receiver,omitempty"` // left out: nobody
	// Telling is left out where the route does not decide.
	Telling *Telling `json:"telling,omitempty"`
}

// Telling is how a route tells.
type Telling struct {
	Group    string            `json:"group"`
	Labels   map[string]string `json:"groupLabels"`
	Wait     string            `json:"groupWait"`
	Interval string            `json:"groupInterval"`
	Repeat   string            `json:"repeatInterval,omitempty"` // left out: never
	Escalate string            `json:"escalate,omitempty"`       // "managers after 15m"
	Muted    []Mute            `json:"mutedBy"`                  // by the route's time intervals
}

// Mute is something that hides an alert.
type Mute struct {
	By   string `json:"by"`   // inhibition, silence, time interval
	Name string `json:"name"` // the alert, the ID of the silence, the time interval
	Text string `json:"text,omitempty"`
}

package schema

// Config returns the schema of the configuration, indented, with a line end
// behind it. Equal programs return equal bytes.
func Config() []byte { return indented(configFile()) }

func configFile() object {
	return object{
		{"$schema", Dialect},
		{"title", "Configuration of qmpalert"},
		{"description", "What `qmpalert check` takes for a configuration. Made by `qmpalert schema config`."},
		{"type", list{"object", "null"}},
		{"properties", object{
			{"host", described("name of this host in events; default: the system's host name", ref("word"))},
			{"external_url", described("where people reach this qmpalert; messages link to it", ref("url"))},
			{"sources", described("where events come from; default: /run/qemu/*.qmp", listOf(ref("source"), 0))},
			{"rule_files", described("files, directories and globs; default: the directory rules beside this file", anyNumber(ref("filled")))},
			{"route", described("who is told: the top of the tree; it takes every alert", ref("root_route"))},
			{"inhibit_rules", described("alerts that nobody is told of while another one fires", listOf(ref("inhibit_rule"), 0))},
			{"time_intervals", described("names for times that come again, for routes", listOf(ref("time_interval"), 0))},
			{"receivers", described("whom to tell, and how", listOf(ref("receiver"), 0))},
			{"web", described("API, page and metrics; without this key there are none", ref("web"))},
			{"storage", described("what is kept on disk; without this key nothing is", ref("storage"))},
			{"heartbeat", described("an address that is called while all is well", ref("heartbeat"))},
		}},
		{"additionalProperties", false},
		{"$defs", append(append(append(configTypes(), mainDefs()...), routeDefs()...), receiverDefs()...)},
	}
}

// configTypes are the definitions of single values. Anywhere a variable may
// stand for a value, which only the daemon knows.
func configTypes() object {
	variable := object{{"type", "string"}, {"pattern", `\$\{`}}
	or := func(o object) object { return object{{"anyOf", list{o, variable}}} }
	return object{
		{"filled", object{{"anyOf", list{
			object{{"type", "string"}, {"minLength", 1}}, object{{"type", list{"number", "boolean"}}},
		}}}},
		{"word", or(object{{"type", list{"string", "number", "boolean"}}, {"pattern", `^\S+$`}})},
		{"label", or(object{{"type", "string"}, {"pattern", `^[A-Za-z_][A-Za-z0-9_]*$`}})},
		{"url", or(object{{"type", "string"}, {"pattern", `^https?://`}})},
		{"bool", or(object{{"type", "boolean"}})},
		{"duration", or(object{{"anyOf", list{
			object{{"type", "string"}, {"pattern", `^([0-9]+(ms|[ywdhms]))+$`}, {"examples", list{"30s", "5m", "4h", "30d"}}},
			object{{"enum", list{0, "0"}}},
		}}})},
		{"size", or(object{{"type", "string"}, {"pattern", `^[0-9]+ *([KMGT]i?)?B$`}, {"examples", list{"500MB", "2GB", "2GiB"}}})},
		{"matchers", described("all of them must match; as in Alertmanager: 'severity=\"critical\"', 'vm=~\"db.*\"'", oneOrMore(ref("filled")))},
		{"headers", object{
			{"type", "object"}, {"propertyNames", object{{"pattern", `^[A-Za-z0-9][A-Za-z0-9_-]*$`}}}, {"additionalProperties", ref("text")},
		}},
		{"text", object{{"type", list{"string", "number", "boolean"}}}},
	}
}

func mainDefs() object {
	return object{
		{"source", append(closed(object{
			{"qmp", described("path of a unix socket, a glob of such paths, or tcp://host:port", ref("filled"))},
			{"file", described("path of a recording that is followed as it grows, or a glob of such paths", ref("filled"))},
			{"vm_name", described("name of the VM; {{ file }} is the name of the file without its extension; default: as QEMU says", ref("filled"))},
		}), member{"oneOf", list{object{{"required", list{"qmp"}}}, object{{"required", list{"file"}}}}})},
		{"web", closed(append(object{
			{"listen", described("address and port; off loopback a token is needed", object{{"anyOf", list{
				object{{"type", "string"}, {"pattern", `:[0-9]+$`}, {"default", "127.0.0.1:9595"}},
				object{{"type", "string"}, {"pattern", `\$\{`}},
			}}})},
		}, secret("token", "what clients must send as \"Authorization: Bearer …\"", ref("filled"))...))},
		{"storage", closed(object{
			{"path", described("the state directory", object{{"type", "string"}, {"minLength", 1}, {"default", "/var/lib/qmpalert"}})},
			{"retention", described("how long events and alerts that ended are kept; default 30d, at least 1h", ref("duration"))},
			{"max_size", described("how large the journal of events may grow; default 2GB, at least 64MB", ref("size"))},
			{"sync", described("false: what was accepted in the last moments may be lost with the power; default true", ref("bool"))},
		})},
		{"heartbeat", either("url", closed(append(secret("url", "the address, called with GET", ref("url")),
			member{"interval", described("how often; default 1m, at least 1s", ref("duration"))},
		)))},
	}
}

// secret are a key and its twin that names a file.
func secret(key, about string, value object) object {
	return object{
		{key, described(about, value)},
		{key + "_file", described("a file that holds it, read at each use", ref("filled"))},
	}
}

// either wants one of a key and its twin, not both.
func either(key string, o object) object {
	return append(o, member{"oneOf", list{object{{"required", list{key}}}, object{{"required", list{key + "_file"}}}}})
}

func routeDefs() object {
	settings := object{
		{"receiver", described("who is told; default: as the route above", ref("filled"))},
		{"group_by", described("alerts with the same values of these labels are one message; ['...']: each alert one of its own; default [host, alertname]", object{{"anyOf", list{
			object{{"enum", list{"..."}}}, object{{"type", "array"}, {"items", object{{"enum", list{"..."}}}}, {"maxItems", 1}}, anyNumber(ref("label")),
		}}})},
		{"group_wait", described("how long a new group waits for more alerts; default 1s", ref("duration"))},
		{"group_interval", described("how long a group that was told waits before new alerts of it are told; default 1m", ref("duration"))},
		{"repeat_interval", described("how long until a group that still fires is told again; 0: never; default 4h", ref("duration"))},
		{"escalate", described("who is told, too, when nobody acknowledged; none: not even those of the route above", object{{"anyOf", list{
			object{{"enum", list{"none"}}}, ref("escalation"),
		}}})},
		{"routes", described("narrower routes; the first that matches takes the alert", listOf(ref("route"), 0))},
	}
	below := object{
		{"matchers", ref("matchers")},
		{"continue", described("true: later siblings are looked at, too", ref("bool"))},
		{"mute_time_intervals", described("names of time_intervals in which nobody is told", anyNumber(ref("filled")))},
		{"active_time_intervals", described("names of time_intervals outside of which nobody is told", anyNumber(ref("filled")))},
	}
	ranges := func(about string) object { return described(about, anyNumber(ref("text"))) }
	// Names are for completion only: ranges of them are as good.
	named := func(about string, names ...any) object {
		return described(about, anyNumber(object{{"anyOf", list{object{{"enum", names}}, ref("text")}}}))
	}
	return object{
		{"root_route", closed(settings)},
		{"route", closed(append(below, settings...))},
		{"escalation", append(closed(object{
			{"after", described("how long after the group was first told", ref("duration"))},
			{"receiver", described("who is told then", ref("filled"))},
		}), member{"required", list{"after", "receiver"}})},
		{"inhibit_rule", append(closed(object{
			{"name", described("for people", ref("filled"))},
			{"source_matchers", described("while such an alert fires …", ref("matchers"))},
			{"target_matchers", described("… nobody is told of these", ref("matchers"))},
			{"equal", described("labels that must have the same value in both", anyNumber(ref("label")))},
		}), member{"required", list{"source_matchers", "target_matchers"}})},
		{"time_interval", append(closed(object{
			{"name", described("what routes call it", ref("filled"))},
			{"time_intervals", described("one of them must hold", listOf(ref("interval"), 1))},
		}), member{"required", list{"name", "time_intervals"}})},
		{"interval", append(closed(object{
			{"times", described("parts of the day", listOf(ref("time_range"), 0))},
			{"weekdays", named("'monday:friday', saturday; a week begins on sunday",
				"monday:friday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")},
			{"days_of_month", ranges("'1:7'; '-3:-1' are the last three")},
			{"months", named("'june:august', '1:3', december", "january", "february", "march", "april", "may", "june",
				"july", "august", "september", "october", "november", "december")},
			{"years", ranges("'2026:2027', 2026")},
			{"location", described("place such as Europe/Vienna; default UTC", ref("filled"))},
		}), member{"minProperties", 1})},
		{"time_range", append(closed(object{
			{"start_time", described("such as '09:00'", ref("filled"))},
			{"end_time", described("such as '17:30' or '24:00'; not before start_time", ref("filled"))},
		}), member{"required", list{"start_time", "end_time"}})},
	}
}

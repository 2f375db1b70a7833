package schema

// receiverDefs are the definitions of receivers and what they are made of.
func receiverDefs() object {
	resolved := member{"send_resolved", described("tell also when the alert is over; default true", ref("bool"))}
	timeout := func(of string) member {
		return member{"timeout", described("how long "+of+" may take", ref("duration"))}
	}
	web := member{"http_config", described("how to log in, and TLS", ref("http_config"))}
	return object{
		{"receiver", append(closed(object{
			{"name", described("what routes and rules call it", ref("filled"))},
			{"slack_configs", listOf(ref("slack"), 0)},
			{"email_configs", listOf(ref("email"), 0)},
			{"webhook_configs", listOf(ref("webhook"), 0)},
			{"alertmanager_configs", listOf(ref("alertmanager"), 0)},
			{"exec_configs", listOf(ref("exec"), 0)},
		}), member{"required", list{"name"}})},
		{"slack", slackDef(resolved)},
		{"email", append(closed(join(object{
			{"to", described("one or more addresses, also with commas", oneOrMore(ref("filled")))},
			{"from", described("default: qmpalert at this host", ref("filled"))},
			{"smarthost", described("mail server with port, such as mail.example.org:587", ref("filled"))},
			{"hello", described("how this host calls itself; default: its name", ref("word"))},
			{"auth_username", described("default: the address in `from`", ref("filled"))},
		}, secret("auth_password", "the password", ref("filled")), object{
			{"require_tls", described("default true", ref("bool"))},
			{"tls_config", ref("tls_config")},
			{"headers", ref("headers")},
			resolved,
		})), member{"required", list{"to", "smarthost"}})},
		{"webhook", either("url", closed(join(
			secret("url", "where to POST to", ref("url")),
			object{web},
			object{
				{"signing_secret", described("signs each message (Standard Webhooks); several while it is changed", oneOrMore(ref("filled")))},
				{"signing_secret_file", described("files that hold them, read at each use", oneOrMore(ref("filled")))},
				{"headers", ref("headers")},
				{"body", described("what is sent in place of Alertmanager's JSON; texts in it may hold {{ expression }}", object{{"type", list{"object", "array"}}})},
				{"max_alerts", described("alerts in one message; 0: all of them", object{{"type", "integer"}, {"minimum", 0}})},
				timeout("one request"),
				resolved,
			},
		)))},
		{"alertmanager", either("url", closed(join(
			secret("url", "of the Alertmanager itself, such as http://alertmanager.example.org:9093", ref("url")),
			object{web, timeout("one request"), resolved},
		)))},
		{"exec", append(closed(object{
			{"command", described("the program and its arguments; no shell reads them", oneOrMore(ref("text")))},
			timeout("one run"),
			resolved,
		}), member{"required", list{"command"}})},
		{"http_config", closed(object{
			{"authorization", described("sent as \"Authorization: Bearer …\"", either("credentials", closed(secret("credentials", "the token", ref("filled")))))},
			{"basic_auth", append(either("password", closed(append(object{
				{"username", described("the user", ref("filled"))},
			}, secret("password", "the password", ref("filled"))...))), member{"required", list{"username"}})},
			{"tls_config", ref("tls_config")},
		})},
		{"tls_config", append(closed(object{
			{"ca_file", described("certificates to trust; default: the system's", ref("filled"))},
			{"cert_file", described("our certificate", ref("filled"))},
			{"key_file", described("its key", ref("filled"))},
			{"server_name", described("the name that the certificate must have", ref("word"))},
			{"insecure_skip_verify", described("true: trust anybody", ref("bool"))},
		}), member{"dependentRequired", object{{"cert_file", list{"key_file"}}, {"key_file", list{"cert_file"}}}})},
	}
}

func slackDef(resolved member) object {
	slack := closed(join(object{
		{"channel", described("'#name' or the id of a channel", ref("filled"))},
	},
		secret("token", "token of the bot: xoxb-…", ref("filled")),
		secret("socket_mode_token", "token of the app, for buttons: xapp-…", ref("filled")),
		secret("webhook_url", "incoming webhook, the simple way: messages are never edited", ref("url")),
		object{
			{"api_url", described("default: Slack's own", ref("url"))},
			resolved,
		}))
	none := func(keys ...string) object {
		o := object{}
		for _, key := range keys {
			o = append(o, member{key, false})
		}
		return o
	}
	withToken := func(key string) object {
		return object{{"required", list{key, "channel"}}, {"properties", none("webhook_url", "webhook_url_file")}}
	}
	withHook := func(key string) object {
		return object{{"required", list{key}}, {"properties", none("token", "token_file")}}
	}
	return append(slack, member{"oneOf", list{
		withToken("token"), withToken("token_file"), withHook("webhook_url"), withHook("webhook_url_file"),
	}})
}

func join(parts ...object) object {
	var all object
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

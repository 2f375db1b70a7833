package webhook

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
)

// services are far ends that know what a service documents of its messages:
// members, their types and lengths, method, headers, and what must not be in them
// so that nobody's text acts as markup.
var services = map[string]func(*checker){
	"teams": teams, "discord": discord, "mattermost": mattermost, "telegram": telegram, "matrix": matrix, "pagerduty": pagerduty, "ntfy": ntfy,
}

// checker collects what a service would complain about.
type checker struct {
	r        *http.Request
	raw      []byte
	problems []string
}

func (c *checker) want(ok bool, format string, args ...any) {
	if !ok {
		c.problems = append(c.problems, fmt.Sprintf(format, args...))
	}
}

// request checks what all have in common, and reads the body into v. words are
// all names of members that the service knows, to the letter.
func (c *checker) request(method, path, words string, v any) {
	c.want(c.r.Method == method, "method %s", c.r.Method)
	c.want(path == "" || c.r.URL.Path == path, "path %s", c.r.URL.Path)
	c.want(c.r.Header.Get("Content-Type") == "application/json", "content type %s", c.r.Header.Get("Content-Type"))
	err := json.Unmarshal(c.raw, v)
	c.want(err == nil, "%v", err)
	var all any
	if err == nil {
		err = json.Unmarshal(c.raw, &all)
	}
	c.want(err == nil, "%v", err)
	c.known(all, strings.Fields(words))
}

func (c *checker) known(v any, words []string) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			c.known(item, words)
		}
	case map[string]any:
		for name, item := range v {
			c.want(slices.Contains(words, name), "%s is not known", name)
			if name != "custom_details" {
				c.known(item, words)
			}
		}
	}
}

// length counts as the strictest do: UTF-16 code units.
func (c *checker) length(name, s string, least, most int) {
	n := len(utf16.Encode([]rune(s)))
	c.want(n >= least && n <= most, "%s has %d characters", name, n)
}

func (c *checker) oneOf(name, s string, all ...string) {
	c.want(slices.Contains(all, s), "%s is %q", name, s)
}

// link is a URL, or "" where it may be missing.
func (c *checker) link(name, s string) {
	u, err := url.Parse(s)
	c.want(s == "" || err == nil && u.Scheme == "https" && u.Host != "", "%s is no address: %q", name, s)
}

// timestamp is one that may be null.
func (c *checker) timestamp(name string, s *string) {
	if s != nil {
		_, err := time.Parse(time.RFC3339, *s)
		c.want(err == nil, "%s: %v", name, err)
	}
}

// codeBlock is Markdown in which nothing but the block itself is markup.
func (c *checker) codeBlock(name, s string) {
	inner, opened := strings.CutPrefix(s, "```\n")
	inner, closed := strings.CutSuffix(inner, "\n```")
	c.want(opened && closed && !strings.Contains(inner, "`"), "%s is not all in a code block: %.100q", name, s)
}

// teams: learn.microsoft.com, "Create incoming webhooks with Workflows", and the
// schema of Adaptive Cards 1.4.
func teams(c *checker) {
	type run struct {
		Type, Text, Size, Weight, Color string
	}
	type block struct {
		Type    string
		Inlines []run
		Items   []struct {
			Type    string
			Inlines []run
		}
	}
	var m struct {
		Type        string
		Attachments []struct {
			ContentType string
			ContentURL  any
			Content     struct {
				Schema  string `json:"$schema"`
				Type    string
				Version string
				MSTeams struct{ Width string }
				Body    []block
			}
		}
	}
	c.request(http.MethodPost, "", "type attachments contentType contentUrl content $schema version msteams width body inlines items text size weight color", &m)
	c.want(len(c.raw) <= 28<<10, "%d bytes", len(c.raw))
	c.oneOf("type", m.Type, "message")
	for _, a := range m.Attachments {
		c.oneOf("contentType", a.ContentType, "application/vnd.microsoft.card.adaptive")
		c.oneOf("content.type", a.Content.Type, "AdaptiveCard")
		c.oneOf("version", a.Content.Version, "1.0", "1.1", "1.2", "1.3", "1.4")
		c.oneOf("width", a.Content.MSTeams.Width, "Full")
		runs := []run{}
		for _, b := range a.Content.Body {
			c.oneOf("element", b.Type, "RichTextBlock", "Container")
			runs = append(runs, b.Inlines...)
			for _, i := range b.Items {
				c.oneOf("element", i.Type, "RichTextBlock")
				runs = append(runs, i.Inlines...)
			}
			c.want((b.Type == "Container") == (b.Inlines == nil) && (b.Type == "Container") == (b.Items != nil), "a %s without what is in it", b.Type)
		}
		c.want(len(runs) >= 2, "%d texts", len(runs))
		for _, r := range runs {
			c.oneOf("inline", r.Type, "TextRun")
			c.oneOf("size", r.Size, "", "Large")
			c.oneOf("weight", r.Weight, "", "Bolder")
			c.oneOf("color", r.Color, "", "Good", "Attention")
		}
	}
	c.want(len(m.Attachments) == 1, "%d attachments", len(m.Attachments))
}

// discord: docs.discord.com, "Execute Webhook", "Embed Limits" and "Allowed
// Mentions Object".
func discord(c *checker) {
	var m struct {
		Username        string
		AllowedMentions *struct{ Parse []string } `json:"allowed_mentions"`
		Embeds          []struct {
			Title, Description string
			Timestamp, URL     *string
			Color              int
		}
	}
	c.request(http.MethodPost, "", "username allowed_mentions parse embeds title url description color timestamp", &m)
	c.length("username", m.Username, 1, 80)
	c.want(m.AllowedMentions != nil && m.AllowedMentions.Parse != nil && len(m.AllowedMentions.Parse) == 0, "mentions are allowed")
	c.want(len(m.Embeds) == 1, "%d embeds", len(m.Embeds))
	for _, e := range m.Embeds {
		c.length("title", e.Title, 1, 256)
		c.codeBlock("description", e.Description)
		c.length("description", e.Description, 1, 4096)
		c.length("the embed", e.Title+e.Description, 1, 6000)
		c.want(e.Color >= 0 && e.Color <= 0xFFFFFF, "color %d", e.Color)
		if e.URL != nil {
			c.link("url", *e.URL)
		}
		c.timestamp("timestamp", e.Timestamp)
	}
}

// mattermost: developers.mattermost.com, "Incoming webhooks" and "Message
// attachments".
func mattermost(c *checker) {
	var m struct {
		Username    string
		Attachments []struct {
			Fallback, Color, Title, Text string
			TitleLink                    string `json:"title_link"`
		}
	}
	c.request(http.MethodPost, "", "username attachments fallback color title title_link text", &m)
	c.length("username", m.Username, 1, 64)
	c.want(len(m.Attachments) == 1, "%d attachments", len(m.Attachments))
	for _, a := range m.Attachments {
		c.length("fallback", a.Fallback, 1, 1000)
		c.length("title", a.Title, 1, 1000)
		c.length("text", a.Text, 1, 16383)
		c.codeBlock("text", a.Text)
		c.link("title_link", a.TitleLink)
		c.want(regexp.MustCompile(`^#[0-9a-f]{6}$`).MatchString(a.Color), "color %s", a.Color)
	}
}

// telegram: core.telegram.org/bots/api#sendmessage and #html-style.
func telegram(c *checker) {
	var m struct {
		ChatID             int64  `json:"chat_id"`
		ParseMode          string `json:"parse_mode"`
		Text               string
		LinkPreviewOptions struct {
			IsDisabled bool `json:"is_disabled"`
		} `json:"link_preview_options"`
		DisableNotification bool `json:"disable_notification"`
	}
	c.request(http.MethodPost, "", "chat_id parse_mode text link_preview_options is_disabled disable_notification", &m)
	c.want(m.ChatID != 0, "no chat_id")
	c.oneOf("parse_mode", m.ParseMode, "HTML")
	inner, opened := strings.CutPrefix(m.Text, "<pre>")
	inner, closed := strings.CutSuffix(inner, "</pre>")
	c.want(opened && closed && !strings.ContainsAny(inner, "<>"), "markup in %.100q", m.Text)
	bare := regexp.MustCompile(`&(amp|lt|gt);`).ReplaceAllString(inner, "x")
	c.want(!strings.Contains(bare, "&"), "an entity that is none in %.100q", m.Text)
	c.length("text", bare, 1, 4096) // "after entities parsing"
	c.want(m.LinkPreviewOptions.IsDisabled, "link previews")
}

// matrix: spec.matrix.org, PUT /rooms/{roomId}/send/{eventType}/{txnId},
// m.room.message with msgtype m.text, and "User and room mentions".
func matrix(c *checker) {
	var m struct {
		MsgType  string `json:"msgtype"`
		Body     string
		Mentions *struct{} `json:"m.mentions"`
	}
	c.request(http.MethodPut, "", "msgtype body m.mentions", &m)
	form := regexp.MustCompile(`^/_matrix/client/v3/rooms/![^/:]+:[^/]+/send/m\.room\.message/[^/{} ]+$`)
	c.want(form.MatchString(c.r.URL.Path), "path %s", c.r.URL.Path)
	c.want(strings.HasSuffix(c.r.URL.Path, "/"+c.r.Header.Get("webhook-id")), "the transaction is not the message: %s", c.r.URL.Path)
	c.want(c.r.Header.Get("Authorization") == "Bearer "+files["matrix.token"], "authorization %s", c.r.Header.Get("Authorization"))
	c.oneOf("msgtype", m.MsgType, "m.text")
	c.length("body", m.Body, 1, 16000)
	c.want(m.Mentions != nil, "mentions are left to the text")
	c.want(len(c.raw) < 60_000, "%d bytes: an event has at most 65,536", len(c.raw))
}

// pagerduty: the OpenAPI document of its Events API v2, and "Send an Alert Event"
// for the lengths.
func pagerduty(c *checker) {
	var m struct {
		RoutingKey  string `json:"routing_key"`
		EventAction string `json:"event_action"`
		DedupKey    string `json:"dedup_key"`
		Client      string
		Links       []struct{ Href, Text string }
		Payload     *struct {
			Summary, Source, Severity, Component, Class string
			Timestamp                                   *string
			CustomDetails                               map[string]any `json:"custom_details"`
		}
	}
	c.request(http.MethodPost, "/v2/enqueue", "routing_key event_action dedup_key client links href text payload summary source severity timestamp component class custom_details", &m)
	c.want(len(c.raw) <= 512<<10, "%d bytes", len(c.raw))
	c.want(m.RoutingKey == files["pagerduty.key"], "routing_key %q", m.RoutingKey)
	c.oneOf("event_action", m.EventAction, "trigger", "resolve")
	c.length("dedup_key", m.DedupKey, 1, 255)
	for _, l := range m.Links {
		c.want(l.Href != "", "a link to nowhere")
		c.link("href", l.Href)
	}
	c.want(m.Payload != nil, "no payload")
	if m.Payload == nil {
		return
	}
	c.want(len([]rune(m.Payload.Summary)) <= 1024 && m.Payload.Summary != "", "summary has %d characters", len([]rune(m.Payload.Summary)))
	c.want(m.Payload.Source != "", "no source")
	c.oneOf("severity", m.Payload.Severity, "critical", "error", "warning", "info")
	c.timestamp("timestamp", m.Payload.Timestamp)
}

// ntfy: docs.ntfy.sh, "Publish as JSON".
func ntfy(c *checker) {
	var m struct {
		Topic, Title, Message, Click string
		Priority                     int
		Tags                         []string
	}
	c.request(http.MethodPost, "/", "topic title message priority tags click", &m)
	c.want(c.r.Header.Get("Authorization") == "Bearer "+files["ntfy.token"], "authorization %s", c.r.Header.Get("Authorization"))
	c.want(regexp.MustCompile(`^[-_A-Za-z0-9]{1,64}$`).MatchString(m.Topic), "topic %q", m.Topic)
	c.want(m.Title != "" && !strings.Contains(m.Title, "\n"), "title %q", m.Title)
	c.want(m.Message != "" && len(m.Message) <= 4096, "message of %d bytes becomes a file", len(m.Message))
	c.want(m.Priority >= 1 && m.Priority <= 5, "priority %d", m.Priority)
	c.want(len(m.Tags) == 1 && m.Tags[0] != "", "tags %v", m.Tags)
	c.link("click", m.Click)
}

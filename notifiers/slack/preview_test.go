package slack

import (
	"encoding/json"
	"fmt"
	"html"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
)

// shot is a picture of docs/slack.md: messages as Slack was told them, by the
// name of the golden that has the call.
type shot struct {
	name   string
	golden string
	posted int64    // when the message was new
	thread []string // goldens whose replies are below it
}

var shots = []shot{
	{"firing", "life-01-firing", fired, nil},
	{"grown", "life-04-grown", fired, nil},
	{"escalated", "life-escalation", fired + 15*minute, nil},
	{"acknowledged", "life-06-acknowledged", fired, nil},
	{"resolved", "life-12-over-alone", fired + 3*hour, nil},
	{"thread", "life-09-resolved", fired, []string{"life-03-joined", "life-04-grown", "life-05-escalated", "life-06-acknowledged", "life-07-silenced", "life-08-some-over", "life-09-resolved"}},
	{"repeat", "life-10-again", fired + 3*hour, []string{"life-11-repeat"}},
	{"silence", "life-silence", fired + 65*minute, nil},
	{"digest", "life-digest", fired + hour, nil},
}

// TestPreviews draws the goldens about as Slack does. The pages are the source
// of the pictures in docs/images; where one changes, its picture is to be taken
// again (docs/slack.md says how).
func TestPreviews(t *testing.T) {
	for _, s := range shots {
		var b strings.Builder
		b.WriteString(pageHead)
		calls := goldenCalls(t, s.golden)
		b.WriteString(preview(t, calls[0], s.posted))
		for i, name := range s.thread {
			if i == 0 {
				b.WriteString("<div class=thread>")
			}
			for _, c := range goldenCalls(t, name) {
				if c.Thread != "" {
					b.WriteString(preview(t, c, sentAt(c)))
				}
			}
			if i == len(s.thread)-1 {
				b.WriteString("</div>\n")
			}
		}
		notifiertest.Golden(t, "preview-"+s.name+".html", b.String())
	}
}

func goldenCalls(t *testing.T, name string) []form {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var g struct{ Calls []form }
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	return g.Calls
}

// block is a block as it is on the wire.
type block struct {
	Type     string
	Text     *textObject
	Fields   []textObject
	Elements []element
}

type textObject struct{ Type, Text string }

// element is a text of a context block or a button.
type element struct {
	Type  string
	Text  json.RawMessage
	Style string
}

const pageHead = `<!doctype html><meta charset="utf-8"><title>qmpalert in Slack</title>
<style>
body { margin: 0; padding: 14px 18px; width: 700px; background: #fff; color: #1d1c1d; font: 15px/1.46 Lato, "DejaVu Sans Condensed", sans-serif; }
.message { display: flex; gap: 10px; margin: 4px 0 12px; }
.face { flex: none; width: 36px; height: 36px; border-radius: 8px; background: #2b3a67; color: #fff; font: bold 20px/36px sans-serif; text-align: center; }
.main { flex: 1; min-width: 0; }
.who { font-weight: 900; } .who i { font: 10px sans-serif; background: #e8e8e8; color: #616061; padding: 1px 4px; border-radius: 3px; margin: 0 5px; } .who span { font-size: 12px; font-weight: 400; color: #616061; }
.header { font-size: 18px; font-weight: 700; margin: 4px 0; line-height: 1.3; }
.bar { border-left: 4px solid; border-radius: 4px 0 0 4px; padding: 2px 0 2px 12px; margin-top: 4px; }
.section { margin: 4px 0 8px; white-space: pre-wrap; overflow-wrap: anywhere; }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 4px 16px; margin: 4px 0 8px; }
.context { font-size: 12px; color: #616061; margin: 4px 0 8px; display: flex; flex-wrap: wrap; gap: 0 6px; }
.actions { display: flex; gap: 8px; margin: 8px 0; }
.button { border: 1px solid #bbb; border-radius: 4px; padding: 3px 11px; font-size: 13px; font-weight: 700; } .primary { background: #007a5a; border-color: #007a5a; color: #fff; }
code { font: 12px/1.5 "DejaVu Sans Mono", monospace; background: #f6f6f6; border: 1px solid #ddd; border-radius: 3px; color: #c01343; padding: 1px 3px; }
pre { font: 12px/1.5 "DejaVu Sans Mono", monospace; background: #f8f8f8; border: 1px solid #ddd; border-radius: 4px; padding: 8px; margin: 4px 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.thread { margin-left: 46px; border-left: 2px solid #e3e3e3; padding-left: 14px; } .thread .face { width: 24px; height: 24px; border-radius: 6px; font: bold 14px/24px sans-serif; }
a { color: #1264a3; text-decoration: none; }
</style>
`

// preview draws one message.
func preview(t *testing.T, f form, at int64) string {
	t.Helper()
	var b strings.Builder
	note := ""
	switch {
	case f.Broadcast:
		note = " · also sent to the channel"
	case f.Method == editCall:
		note = " (edited)"
	}
	fmt.Fprintf(&b, "<div class=message><div class=face>q</div><div class=main><div class=who>qmpalert<i>APP</i><span>%s%s</span></div>\n", time.UnixMicro(at).UTC().Format("15:04"), note)
	var head []block
	if err := json.Unmarshal(f.Blocks, &head); err != nil {
		t.Fatal(err)
	}
	for _, x := range head {
		b.WriteString(drawn(t, x))
	}
	var bars []struct {
		Color  string
		Blocks []block
	}
	if err := json.Unmarshal(f.Attachments, &bars); err != nil {
		t.Fatal(err)
	}
	for _, bar := range bars {
		fmt.Fprintf(&b, "<div class=bar style=\"border-color: %s\">\n", bar.Color)
		for _, x := range bar.Blocks {
			b.WriteString(drawn(t, x))
		}
		b.WriteString("</div>\n")
	}
	b.WriteString("</div></div>\n")
	return b.String()
}

// sentAt is when a reply was sent: its notification's ID ends with the time.
func sentAt(f form) int64 {
	_, us, _ := strings.Cut(f.ID, "-")
	at, err := strconv.ParseInt(us, 10, 64)
	if err != nil {
		return fired
	}
	return at
}

func drawn(t *testing.T, x block) string {
	t.Helper()
	switch x.Type {
	case "header":
		return "<div class=header>" + html.EscapeString(x.Text.Text) + "</div>\n"
	case "section":
		if x.Text != nil {
			return "<div class=section>" + x.Text.html() + "</div>\n"
		}
		text := "<div class=fields>"
		for _, f := range x.Fields {
			text += "<div>" + f.html() + "</div>"
		}
		return text + "</div>\n"
	case "context":
		text := "<div class=context>"
		for _, e := range x.Elements {
			var s string
			if err := json.Unmarshal(e.Text, &s); err != nil {
				t.Fatal(err)
			}
			o := textObject{e.Type, s}
			text += "<span>" + o.html() + "</span>"
		}
		return text + "</div>\n"
	case "actions":
		text := "<div class=actions>"
		for _, e := range x.Elements {
			var label textObject
			if err := json.Unmarshal(e.Text, &label); err != nil {
				t.Fatal(err)
			}
			text += "<span class=\"button " + e.Style + "\">" + label.html() + "</span>"
		}
		return text + "</div>\n"
	}
	t.Errorf("a block of type %q cannot be drawn", x.Type)
	return ""
}

func (o *textObject) html() string {
	if o.Type != "mrkdwn" {
		return html.EscapeString(o.Text)
	}
	if code, ok := strings.CutPrefix(o.Text, "```\n"); ok {
		return "<pre>" + strings.TrimSuffix(code, "\n```") + "</pre>"
	}
	// Code spans first: nothing means anything in them.
	var b strings.Builder
	for i, part := range strings.Split(o.Text, "`") {
		if i%2 == 1 {
			b.WriteString("<code>" + part + "</code>")
		} else {
			b.WriteString(marked(part))
		}
	}
	return b.String()
}

var (
	dateMark   = regexp.MustCompile(`<!date\^(\d+)\^([^|]*)\|[^>]*>`)
	linkMark   = regexp.MustCompile(`<(https?://[^|>]*)\|([^>]*)>`)
	boldMark   = regexp.MustCompile(`\*([^*\n]+)\*`)
	strikeMark = regexp.MustCompile(`~([^~\n]+)~`)
)

// marked draws what is outside of code. & < > from outside are entities, as
// HTML has them.
func marked(s string) string {
	s = linkMark.ReplaceAllString(s, "\x01$1\x02$2\x03")
	s = dateMark.ReplaceAllStringFunc(s, func(m string) string {
		parts := dateMark.FindStringSubmatch(m)
		unix, _ := strconv.ParseInt(parts[1], 10, 64)
		at := time.Unix(unix, 0).UTC()
		return strings.NewReplacer("{date_short_pretty}", at.Format("Jan 2, 2006"), "{time_secs}", at.Format("15:04:05")).Replace(parts[2])
	})
	s = strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(s)
	s = boldMark.ReplaceAllString(s, "<b>$1</b>")
	s = strikeMark.ReplaceAllString(s, "<s>$1</s>")
	return strings.NewReplacer("\x01", "<a href=\"", "\x02", "\">", "\x03", "</a>").Replace(s)
}

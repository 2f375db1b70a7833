package slack

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode/utf16"

	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
)

// tb is what testing.T and rapid.T have in common.
type tb interface {
	Helper()
	Errorf(format string, args ...any)
}

// ours are the forms with angle brackets that we write: a date, with the text
// for clients that cannot show it, and the link to our own page.
var ours = regexp.MustCompile(`<!date\^\d+\^(\{date_short_pretty\} )?\{time_secs\}\|[-0-9: ]+UTC>` +
	`|<https://qmpalert\.example\.org/alerts(/[0-9a-f]{16})?\|Open in qmpalert>`)

var entities = regexp.MustCompile(`&(amp|lt|gt);`)

// texts calls see for each text object ("mrkdwn" or "plain_text") and for the
// text of the message ("mrkdwn"), and block for each block.
func texts(raw []byte, see func(kind, text string), block func(map[string]any)) {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return
	}
	var walk func(v any)
	walk = func(v any) {
		switch x := v.(type) {
		case []any:
			for _, e := range x {
				walk(e)
			}
		case map[string]any:
			kind, _ := x["type"].(string)
			text, isText := x["text"].(string)
			switch {
			case isText && (kind == "mrkdwn" || kind == "plain_text"):
				see(kind, text)
			case isText:
				see("mrkdwn", text)
			case kind != "" && kind != "button":
				block(x)
			}
			if fallback, ok := x["fallback"].(string); ok {
				see("mrkdwn", fallback)
			}
			for _, name := range []string{"blocks", "attachments", "text", "fields", "elements"} {
				walk(x[name])
			}
		}
	}
	walk(v)
}

// inBudget checks what Slack would refuse, and that no text from outside could
// be read as markup.
func inBudget(t tb, m notifiertest.Message) {
	t.Helper()
	blocks, total := 0, 0
	texts([]byte(m.Raw), func(kind, text string) {
		n := len(utf16.Encode([]rune(text)))
		if n == 0 || n > maxSection {
			t.Errorf("text of %d characters", n)
		}
		total += n
		if kind == "mrkdwn" {
			noMarkup(t, text)
		}
	}, func(b map[string]any) {
		blocks++
		limits(t, b)
	})
	if blocks > 20 || total > 10_000 {
		t.Errorf("%d blocks with %d characters", blocks, total)
	}
}

func noMarkup(t tb, text string) {
	t.Helper()
	rest := ours.ReplaceAllString(text, "")
	if strings.ContainsAny(rest, "<>") || strings.Contains(entities.ReplaceAllString(rest, ""), "&") {
		t.Errorf("markup from outside: %.300q", text)
	}
	if _, inside, found := strings.Cut(rest, "```"); found {
		if strings.Contains(strings.TrimSuffix(inside, "```"), "`") {
			t.Errorf("the code block can be left: %.300q", text)
		}
		return
	}
	// Outside of a block every back-tick is ours, and they come in pairs on a line.
	for _, line := range strings.Split(rest, "\n") {
		if strings.Count(line, "`")%2 != 0 || strings.Contains(line, "``") {
			t.Errorf("a code span can be left: %.300q", line)
		}
	}
}

func limits(t tb, b map[string]any) {
	t.Helper()
	fields, _ := b["fields"].([]any)
	elements, _ := b["elements"].([]any)
	if len(fields) > 10 || len(elements) > 10 {
		t.Errorf("%v block with %d fields and %d elements", b["type"], len(fields), len(elements))
	}
	for _, e := range elements {
		if value, ok := e.(map[string]any)["value"].(string); ok && (value == "" || len(utf16.Encode([]rune(value))) > 2000) {
			t.Errorf("button with a value of %d bytes", len(value))
		}
	}
	if b["type"] == "header" {
		text := b["text"].(map[string]any)
		if n := len(utf16.Encode([]rune(text["text"].(string)))); n > 140 || text["type"] != "plain_text" {
			t.Errorf("header: %d characters of %v", n, text["type"])
		}
	}
}

package email

import (
	_ "embed"
	"html/template"
)

//go:embed mail.html
var mailHTML string

// htmlTemplate escapes by where a value stands. All style is inline, because
// mail programs drop style sheets, and nothing is fetched: no image, no font, no
// script.
var htmlTemplate = template.Must(template.New("mail").Parse(mailHTML))

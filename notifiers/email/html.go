package email

import (
	_ "embed"
	"html/template"
)

//go:embed mail.html
var mailHTML string

// htmlTemplate escapes by where a value stands. What makes the mail readable is
// inline, because many mail programs drop style sheets; the one sheet there is
// adds dark colours and narrow margins where it is understood. Nothing is
// fetched: no image, no font, no script.
var htmlTemplate = template.Must(template.New("mail").Parse(mailHTML))

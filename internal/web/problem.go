package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// Problem is an error that the other end can act on, as in RFC 9457.
type Problem struct {
	Type   string `json:"type"` // "about:blank": Status says it all
	Title  string `json:"title"`
	Status int    `json:"status"` // of HTTP
	Detail string `json:"detail,omitempty"`
	// Findings are what is wrong in files, one line each, for a reload.
	Findings []string `json:"findings,omitempty"`
}

func (p *Problem) Error() string {
	text := p.Title
	if p.Detail != "" {
		text = p.Detail
	}
	return strings.Join(append([]string{text}, p.Findings...), "\n")
}

// NewProblem makes a problem of an HTTP status.
func NewProblem(status int, format string, args ...any) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: fmt.Sprintf(format, args...)}
}

// NotFound says that what the path names does not exist.
func NotFound(format string, args ...any) *Problem {
	return NewProblem(http.StatusNotFound, format, args...)
}

// Invalid says what is wrong with a request.
func Invalid(format string, args ...any) *Problem {
	return NewProblem(http.StatusBadRequest, format, args...)
}

// Conflict says why something cannot be done in the state that things are in.
func Conflict(format string, args ...any) *Problem {
	return NewProblem(http.StatusConflict, format, args...)
}

// Unavailable says that it may work later.
func Unavailable(format string, args ...any) *Problem {
	return NewProblem(http.StatusServiceUnavailable, format, args...)
}

// maxFindings bounds a problem with files.
const maxFindings = 100

// InvalidFiles says that configuration or rules cannot be used.
func InvalidFiles(list diag.List) *Problem {
	p := NewProblem(http.StatusUnprocessableEntity, "the files cannot be used; nothing changed")
	for _, f := range list {
		if len(p.Findings) == maxFindings {
			p.Findings = append(p.Findings, fmt.Sprintf("and %d more", len(list)-maxFindings))
			break
		}
		p.Findings = append(p.Findings, f.String())
	}
	return p
}

// write sends the problem.
func (p *Problem) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	body, err := json.Marshal(p)
	if err == nil {
		w.Write(append(body, '\n'))
	}
}

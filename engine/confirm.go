package engine

import (
	"strconv"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
)

// ConfirmMode says what becomes of the questions of `confirm`.
type ConfirmMode uint8

// ConfirmAsk puts them into Decision.Questions and waits for the answer.
// ConfirmSkip is for recordings without answers and for tests: the alert fires
// at once and says that nobody was asked.
const (
	ConfirmAsk ConfirmMode = iota
	ConfirmSkip
)

// Question is what a VM is to be asked before an alert fires. The answer is the
// event QMPALERT_ANSWER of that VM with the same fingerprint and query.
type Question struct {
	Fingerprint alert.Fingerprint // of the alert that would fire
	Host, VM    string
	Query       string // of qmp.Queries; it only reads
	Rule        string // alertname
	At          int64  // when the alert would have fired, microseconds
}

// answerTime is how long an answer may take, on the clock of the VM.
const answerTime = 5 * time.Second

// question is what is asked about an alert that would fire at t.
func (tr *track) question(p *partition, t int64) Question {
	q := Question{
		Fingerprint: tr.fingerprint, Host: p.host, VM: p.vm,
		Query: tr.home.rule.Confirm.Query, Rule: tr.home.rule.Name, At: t,
	}
	if ev := tr.evidence.newest(); ev != nil {
		q.Host, q.VM = ev.Host, ev.VM.Name
	}
	return q
}

// ask asks whether an alert may fire that would at t, for the reason why.
func (tr *track) ask(p *partition, t int64, why alert.Reason) {
	q := tr.question(p, t)
	tr.asked, tr.endCause = true, why
	switch {
	case p.m.confirm == ConfirmSkip:
		tr.unanswered(p, t, q.Query+" is not asked here")
		return
	case q.VM == "":
		tr.unanswered(p, t, "there is no VM to ask "+q.Query)
		return
	}
	p.expect(tr)
	// What is evaluated late is asked late.
	p.due.set(tr, phaseOver, later(t, answerTime+time.Duration(p.lane.lateness)*time.Microsecond))
	p.m.decision.Questions = append(p.m.decision.Questions, q)
	if p.m.tracing {
		p.trace(Trace{At: t, What: "asked"}, tr)
	}
}

// expect notes that an answer is to come.
func (p *partition) expect(tr *track) {
	if p.asked == nil {
		p.asked = make(map[alert.Fingerprint]*track)
	}
	p.asked[tr.fingerprint] = tr
}

// unask withdraws a question.
func (tr *track) unask(p *partition) {
	if tr.asked {
		tr.asked = false
		delete(p.asked, tr.fingerprint)
		p.due.set(tr, phaseOver, never)
	}
}

// unanswered fires at t without having been confirmed, and says why.
func (tr *track) unanswered(p *partition, t int64, why string) {
	tr.evidence.note = "not confirmed: " + why
	tr.confirmed(p, t)
}

// confirmed fires at t what was asked about.
func (tr *track) confirmed(p *partition, t int64) {
	tr.unask(p)
	tr.fire(p, t, tr.endCause)
	if tr.home.rule.Notice() {
		tr.quiet(p, t)
	}
}

// answer takes a QMPALERT_ANSWER at t.
func (p *partition) answer(ev *event.Event, t int64) {
	a, ok := ev.Data.(*qmp.QMPAlertAnswer)
	if !ok {
		return
	}
	n, err := strconv.ParseUint(a.Fingerprint.V, 16, 64)
	tr := p.asked[alert.Fingerprint(n)]
	if err != nil || tr == nil || a.Query.V != tr.home.rule.Confirm.Query {
		return
	}
	switch {
	case a.Error.Set:
		tr.unanswered(p, t, a.Query.V+" failed: "+a.Error.V)
	case tr.home.rule.Confirm.Agrees(a.Return.V):
		tr.confirmed(p, t)
	default:
		tr.close(p, t, alert.ReasonNotConfirmed)
		tr.denied = tr.holds
		if tr.idle() {
			tr.home.forget(tr)
		}
	}
}

package limit

import (
	"fmt"
	"math"
	"time"

	"nms.example/common/fault"
	"nms.example/common/name"

	"nms.example/ctrl/internal/threshold"
)

// complete puts in what may be left out.
func (d *Draft) complete() {
	if d.Levels == nil {
		d.Levels = []Level{}
	}
	if d.StaleSeverity == "" {
		d.StaleSeverity = threshold.Warning.String()
	}
}

// findings collect everything that is wrong with a draft.
type findings struct{ details []fault.Detail }

func (f *findings) add(field string, code *fault.Code, message string) {
	f.details = append(f.details, fault.NewDetail(fault.Field(field), code, message))
}

// Check lists everything that is wrong with a draft.
func (d *Draft) Check() error {
	var f findings
	if refused := fault.As(name.CheckAt(fault.Field("name"), d.Name)); refused != nil {
		f.details = append(f.details, refused.Details...)
	}
	if len(d.Levels) == 0 && d.StaleAfter == nil {
		f.add("levels", fault.CodeTooFew, "needs a level, or stale_after")
	}
	for i := range d.Levels {
		d.Levels[i].check(&f, fmt.Sprintf("levels[%d]", i))
	}
	if len(f.details) == 0 {
		d.checkOrder(&f)
	}
	d.RaiseAfter.check(&f, "raise_after")
	d.ClearAfter.check(&f, "clear_after")
	if len(f.details) == 0 {
		return nil
	}
	return errDraft.With(f.details...)
}

func (l *Level) check(f *findings, at string) {
	if _, ok := threshold.SeverityOf(l.Severity); !ok {
		f.add(at+".severity", fault.CodeNotOneOf, "is no severity")
	}
	for _, n := range []*float64{l.High, l.Low, l.Clear} {
		if n != nil && (math.IsNaN(*n) || math.IsInf(*n, 0)) {
			f.add(at, fault.CodeOutOfRange, "must be finite numbers")
			return
		}
	}
	switch {
	case (l.High == nil) == (l.Low == nil):
		f.add(at, fault.CodeContradicts, "needs either high or low")
	case l.Clear == nil:
	case l.High != nil && *l.Clear > *l.High:
		f.add(at+".clear", fault.CodeWrongOrder, "must not lie above high")
	case l.Low != nil && *l.Clear < *l.Low:
		f.add(at+".clear", fault.CodeWrongOrder, "must not lie below low")
	}
}

// checkOrder refuses levels that contradict each other: the worse ones lie further out, and nothing is above a high one and below a low one.
func (d *Draft) checkOrder(f *findings) {
	for i := range d.Levels {
		for j := range d.Levels[:i] {
			if message := clash(d.Levels[j].level(), d.Levels[i].level()); message != "" {
				f.add(fmt.Sprintf("levels[%d]", i), fault.CodeContradicts, message)
				return
			}
		}
	}
}

// clash says why two levels cannot stand together; empty: they can.
func clash(a, b threshold.Level) string {
	if a.High != b.High {
		if b.High {
			a, b = b, a
		}
		if a.Bound < b.Bound || a.Clear < b.Bound || b.Clear > a.Bound {
			return "a high level must lie above the low ones, and be cleared where these are"
		}
		return ""
	}
	if a.Severity == b.Severity {
		return "two levels on the same side have the same severity"
	}
	if a.Severity > b.Severity {
		a, b = b, a
	}
	if a.High && b.Bound <= a.Bound || !a.High && b.Bound >= a.Bound {
		return "the level of the higher severity must lie further out"
	}
	return ""
}

func (w *Delay) check(f *findings, at string) {
	switch {
	case w == nil:
	case (w.Count == nil) != (w.Of == nil), (w.Seconds == nil) == (w.Count == nil):
		f.add(at, fault.CodeContradicts, "needs either seconds, or count and of")
	case w.Seconds != nil && (*w.Seconds < 0 || *w.Seconds > 86400):
		f.add(at+".seconds", fault.CodeOutOfRange, "must be 0 to 86400")
	case w.Count != nil && (*w.Count < 1 || *w.Of > 64):
		f.add(at, fault.CodeOutOfRange, "count and of must be 1 to 64")
	case w.Count != nil && *w.Count > *w.Of:
		f.add(at+".count", fault.CodeWrongOrder, "must not be more than of")
	}
}

// level returns a checked level as it is evaluated.
func (l *Level) level() (t threshold.Level) {
	t.Severity, _ = threshold.SeverityOf(l.Severity)
	if t.High = l.High != nil; t.High {
		t.Bound = *l.High
	} else {
		t.Bound = *l.Low
	}
	t.Clear = t.Bound
	if l.Clear != nil {
		t.Clear = *l.Clear
	}
	return t
}

func (w *Delay) delay() (t threshold.Delay) {
	switch {
	case w == nil:
	case w.Seconds != nil:
		t.For = seconds(*w.Seconds)
	default:
		t.Count, t.Of = int(*w.Count), int(*w.Of)
	}
	return t
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// Rule returns the rule of a checked draft.
func (d *Draft) Rule() threshold.Rule {
	r := threshold.Rule{Raise: d.RaiseAfter.delay(), Clear: d.ClearAfter.delay()}
	for i := range d.Levels {
		r.Levels = append(r.Levels, d.Levels[i].level())
	}
	if d.StaleAfter != nil {
		r.Stale = seconds(*d.StaleAfter)
	}
	return r
}

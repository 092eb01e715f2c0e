package poll

import "time"

// flight is a poll on its way.
type flight struct {
	slow  bool // it is only waited for
	timer *time.Timer
}

// free returns how many polls may begin.
func (p *Poller) free() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return min(p.options.Workers-(len(p.active)-p.slow), waited*p.options.Workers-len(p.active), atOnce)
}

// begin notes that a poll begins; false: one is at it.
func (p *Poller) begin(equipment int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.active[equipment] != nil {
		return false
	}
	f := &flight{}
	f.timer = time.AfterFunc(patience, func() { p.slowDown(equipment, f) })
	p.active[equipment] = f
	return true
}

// slowDown notes that a poll is only waited for from now on.
func (p *Poller) slowDown(equipment int64, f *flight) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.active[equipment] == f {
		f.slow = true
		p.slow++
		p.hurry()
	}
}

// finish notes that a poll is over.
func (p *Poller) finish(f finished) {
	p.mu.Lock()
	defer p.mu.Unlock()
	over := p.active[f.equipment]
	over.timer.Stop()
	if over.slow {
		p.slow--
	}
	delete(p.active, f.equipment)
	p.finished = append(p.finished, f)
	if len(p.active) == p.slow || len(p.finished) >= min(p.options.Workers/2, atOnce) {
		p.hurry()
	}
}

// hurry has the next round begin at once.
func (p *Poller) hurry() {
	select {
	case p.wake <- struct{}{}:
	default: // it is woken already
	}
}

package recording

import (
	"bytes"
	"errors"
	"fmt"
	"time"
)

const (
	// backwards is how far times of one file may step back without meaning that clocks changed.
	backwards = time.Minute
	// overlap is longer than any hour that comes twice.
	overlap = 6 * time.Hour
)

// clock turns times without a zone into moments. In the hour that comes twice when clocks go back it takes the first one,
// until the file's own times step back: from there on it is the second.
type clock struct {
	zone *time.Location

	text      []byte    // of what was read last
	last      time.Time // its moment
	wall      time.Time // what the clock showed
	second    bool      // whether it lies in the second of two equal hours
	ambiguous bool      // whether the file begins in an hour that comes twice
	begun     bool
}

var (
	errDate    = errors.New("the date is not of the form 2026-03-29")
	errTime    = errors.New("the time is not of the form 14:03:10")
	errSkipped = errors.New("this time does not exist in the zone: clocks were put forward over it")
)

// at returns the moment of a date and a time of day, both as text. It fails with ErrZone.
func (c *clock) at(date, timeOfDay []byte) (time.Time, error) {
	if c.begun && len(c.text) == len(date)+len(timeOfDay) && bytes.HasPrefix(c.text, date) && bytes.HasSuffix(c.text, timeOfDay) {
		return c.last, nil
	}
	day, err := parseDay(date)
	if err != nil {
		return time.Time{}, err
	}
	since, err := parseTimeOfDay(timeOfDay)
	if err != nil {
		return time.Time{}, err
	}
	moment, err := c.moment(day.Add(since))
	if err == nil {
		c.text = append(append(c.text[:0], date...), timeOfDay...)
	}
	return moment, err
}

// moment returns the moment of a wall clock, which is given as if it were UTC.
func (c *clock) moment(wall time.Time) (time.Time, error) {
	if c.zone == nil {
		return time.Time{}, ErrZone
	}
	candidates := momentsOf(wall, c.zone)
	if len(candidates) == 0 {
		return time.Time{}, errSkipped
	}
	chosen := candidates[0]
	if len(candidates) == 2 {
		c.ambiguous = c.ambiguous || !c.begun
		back := c.wall.Sub(wall)
		c.second = c.begun && back.Abs() < overlap && (c.second || back > backwards)
		if c.second {
			chosen = candidates[1]
		}
	}
	c.begun, c.last, c.wall = true, chosen, wall
	return chosen, nil
}

// momentsOf returns the moments, none, one or two in order, at which clocks of the zone show the wall clock.
func momentsOf(wall time.Time, zone *time.Location) []time.Time {
	var found []time.Time
	for _, around := range [2]time.Duration{-24 * time.Hour, 24 * time.Hour} {
		_, offset := wall.Add(around).In(zone).Zone()
		moment := wall.Add(-time.Duration(offset) * time.Second)
		if _, there := moment.In(zone).Zone(); there != offset || len(found) > 0 && found[0].Equal(moment) {
			continue
		}
		found = append(found, moment)
	}
	if len(found) == 2 && found[1].Before(found[0]) {
		found[0], found[1] = found[1], found[0]
	}
	return found
}

// parseDay reads a date as 2026-03-29.
func parseDay(text []byte) (time.Time, error) {
	if len(text) != len(time.DateOnly) {
		return time.Time{}, errDate
	}
	day, err := time.Parse(time.DateOnly, string(text))
	if err != nil {
		return time.Time{}, errDate
	}
	return day, nil
}

// parseTimeOfDay reads 14:03:10 with any fraction of a second behind a point.
func parseTimeOfDay(text []byte) (time.Duration, error) {
	if len(text) < 8 || len(text) > 8+10 || text[2] != ':' || text[5] != ':' || len(text) > 8 && text[8] != '.' {
		return 0, errTime
	}
	two := func(i int) int {
		tens, ones := text[i]-'0', text[i+1]-'0'
		if tens > 9 || ones > 9 {
			return 100
		}
		return int(tens)*10 + int(ones)
	}
	hours, minutes, seconds := two(0), two(3), two(6)
	if hours > 23 || minutes > 59 || seconds > 60 {
		return 0, errTime
	}
	d := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute + time.Duration(seconds)*time.Second
	if len(text) > 9 {
		unit := time.Second
		for _, c := range text[9:] {
			unit /= 10
			if c-'0' > 9 {
				return 0, errTime
			}
			d += time.Duration(c-'0') * unit
		}
	}
	return d, nil
}

// ParseZone reads a name of the IANA database, UTC, Local or a fixed offset as +01:00.
func ParseZone(name string) (*time.Location, error) {
	if name == "" {
		return nil, errors.New("a time zone is a name as Europe/Berlin or an offset as +01:00")
	}
	if name[0] == '+' || name[0] == '-' {
		at, err := time.Parse("-07:00", name)
		if err != nil {
			return nil, fmt.Errorf("%q is no offset as +01:00", name)
		}
		_, offset := at.Zone()
		return time.FixedZone(name, offset), nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%q is no time zone of the IANA database, nor an offset as +01:00", name)
	}
	return zone, nil
}

package registry

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
)

var errAnswer = errors.New("registry: Redis gave an answer of another form")

// parse reads listScript's answer. An entry that this build cannot read is left out: an instance of
// another version may have written it.
func parse(fields []string) ([]Instance, error) {
	if len(fields)%3 != 1 {
		return nil, errAnswer
	}
	now, err := milliseconds(fields[0])
	if err != nil {
		return nil, err
	}
	list := make([]Instance, 0, len(fields)/3)
	for rest := fields[1:]; len(rest) > 0; rest = rest[3:] {
		id, err := uuid.Parse(rest[0])
		if err != nil {
			continue
		}
		seen, err := milliseconds(rest[1])
		if err != nil {
			return nil, err
		}
		var b beat
		if json.Unmarshal([]byte(rest[2]), &b) != nil {
			continue
		}
		one := Instance{
			ID: id, Service: b.Service, Version: b.Version, Address: b.Address, HealthCode: b.HealthCode,
			StartedAt: b.StartedAt, SeenAt: seen,
			Uptime: time.Duration(b.UptimeMS)*time.Millisecond + max(0, now.Sub(seen)),
		}
		if b.LagMS != nil {
			one.Lag = new(time.Duration(*b.LagMS) * time.Millisecond)
		}
		list = append(list, one)
	}
	return list, nil
}

// milliseconds reads a time; Lua may write it in floating point (1.7637e+12).
func milliseconds(text string) (time.Time, error) {
	ms, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("%w: %w", errAnswer, err)
	}
	return time.UnixMilli(int64(ms)).UTC(), nil
}

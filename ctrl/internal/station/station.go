// Package station simulates a station of receivers and power supplies, with faults that can be switched on. It is what
// commands are tried on where there is no equipment.
package station

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Fault is a way to misbehave.
type Fault string

// The faults.
const (
	LostAnswers Fault = "lost_answers" // a command is executed and not answered
	LostQueries Fault = "lost_queries" // a query is not answered
	Refusals    Fault = "refusals"     // a command is refused and not executed
	Drift       Fault = "drift"        // each reading of a number lies a little higher than the one before
	Freeze      Fault = "freeze"       // a command is accepted and changes nothing
)

// Faults lists all of them.
func Faults() []Fault { return []Fault{LostAnswers, LostQueries, Refusals, Drift, Freeze} }

// parameter is what can be read of a device; a number within bounds or one of some texts. One that is measured cannot be set.
type parameter struct {
	value    any // float64 or string
	min, max float64
	texts    []string
	measured bool
}

// device is a receiver or a power supply.
type device struct {
	parameters map[string]*parameter
	faults     map[Fault]bool
	drift      float64
}

// Execution is a command that was executed.
type Execution struct {
	Device string `json:"device"`
	Name   string `json:"name"`
	Value  any    `json:"value"`
}

// Station is the station. It is safe for concurrent use.
type Station struct {
	mu       sync.Mutex
	devices  map[string]*device
	executed []Execution
	log      io.Writer
}

// Pairs is how many receivers New makes, each with its power supply: eight for the start data of a development stack, and one for
// trying. MaxPairs bounds what Sized makes.
const (
	Pairs    = 9
	MaxPairs = 10_000
)

// New returns a station with receivers rx1 to rx9 and power supplies ps1 to ps9.
func New() *Station { return Sized(Pairs, io.Discard) }

// Sized returns a station with receivers from rx1 and power supplies from ps1, so many of each. Each command is written to log
// before it takes effect, in one write that ends with a newline: "2026-11-30T12:00:00.5Z executed rx1 gain_db 12".
func Sized(pairs int, log io.Writer) *Station {
	s := &Station{devices: map[string]*device{}, log: log}
	for i := range pairs {
		n := strconv.Itoa(i + 1)
		s.devices["rx"+n] = receiver(i)
		s.devices["ps"+n] = powerSupply()
	}
	return s
}

func receiver(i int) *device {
	return &device{faults: map[Fault]bool{}, parameters: map[string]*parameter{
		"frequency_hz":  {value: 100e6 + float64(i%Pairs)*25e6, min: 9e3, max: 6e9},
		"gain_db":       {value: 0.0, max: 60},
		"bandwidth_hz":  {value: 12500.0, min: 100, max: 20e6},
		"mode":          {value: "standby", texts: []string{"off", "standby", "on"}},
		"level_dbm":     {value: -87.0 - float64(i%Pairs), min: -150, max: 30, measured: true},
		"temperature_c": {value: 31.5, min: -40, max: 125, measured: true},
	}}
}

func powerSupply() *device {
	return &device{faults: map[Fault]bool{}, parameters: map[string]*parameter{
		"output":    {value: "off", texts: []string{"off", "on"}},
		"voltage_v": {value: 24.0, max: 60},
		"current_a": {value: 1.2, max: 20, measured: true},
	}}
}

// find returns a parameter of a device.
func (s *Station) find(deviceName, name string) (*device, *parameter, error) {
	d, ok := s.devices[deviceName]
	if !ok {
		return nil, nil, fmt.Errorf("there is no device %q", deviceName)
	}
	p, ok := d.parameters[name]
	if !ok {
		return nil, nil, fmt.Errorf("the device %s has no parameter %q", deviceName, name)
	}
	return d, p, nil
}

// Get reads a parameter. answered is false when the answer gets lost.
func (s *Station) Get(deviceName, name string) (value any, answered bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, p, err := s.find(deviceName, name)
	if err != nil {
		return nil, true, err
	}
	value = p.value
	if number, ok := value.(float64); ok && d.faults[Drift] {
		d.drift += 0.5
		value = number + d.drift
	}
	return value, !d.faults[LostQueries], nil
}

// Set executes a command, unless it is refused. answered is false when the answer gets lost.
func (s *Station) Set(deviceName, name string, value any) (answered bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, p, err := s.find(deviceName, name)
	if err != nil {
		return true, err
	}
	if d.faults[Refusals] {
		return true, fmt.Errorf("the device %s refuses", deviceName)
	}
	if value, err = p.accept(value); err != nil {
		return true, err
	}
	if err := s.note(Execution{deviceName, name, value}); err != nil {
		return true, err
	}
	if !d.faults[Freeze] {
		p.value = value
	}
	return !d.faults[LostAnswers], nil
}

// maxNoted bounds what Executed lists: the last ones.
const maxNoted = 100_000

// note writes a command to the log and keeps it. One that cannot be written is not executed.
func (s *Station) note(e Execution) error {
	shown, err := json.Marshal(e.Value)
	if err != nil {
		return err
	}
	now := time.Now().UTC().Format(time.RFC3339Nano)
	if _, err := fmt.Fprintf(s.log, "%s executed %s %s %s\n", now, e.Device, e.Name, shown); err != nil {
		return errors.New("the command cannot be logged")
	}
	if len(s.executed) >= maxNoted {
		s.executed = append(s.executed[:0], s.executed[len(s.executed)/2:]...)
	}
	s.executed = append(s.executed, e)
	return nil
}

func (p *parameter) accept(value any) (any, error) {
	if p.measured {
		return nil, errors.New("the parameter is measured and cannot be set")
	}
	if p.texts != nil {
		text, ok := value.(string)
		if !ok || !slices.Contains(p.texts, text) {
			return nil, fmt.Errorf("the value is none of %v", p.texts)
		}
		return text, nil
	}
	number, ok := value.(float64)
	if text, isNumber := value.(json.Number); isNumber {
		parsed, err := text.Float64()
		number, ok = parsed, err == nil
	}
	if !ok || math.IsNaN(number) || number < p.min || number > p.max {
		return nil, fmt.Errorf("the value is no number from %g to %g", p.min, p.max)
	}
	return number, nil
}

// SetFault switches a fault of a device on or off.
func (s *Station) SetFault(deviceName string, fault Fault, on bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, ok := s.devices[deviceName]
	if !ok {
		return fmt.Errorf("there is no device %q", deviceName)
	}
	if !slices.Contains(Faults(), fault) {
		return fmt.Errorf("the faults are %v", Faults())
	}
	d.faults[fault] = on
	if fault == Drift {
		d.drift = 0
	}
	return nil
}

// Devices lists the devices.
func (s *Station) Devices() []string { return slices.Sorted(maps.Keys(s.devices)) }

// Executed lists the commands that were executed, in order; of very many the last ones.
func (s *Station) Executed() []Execution {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.executed)
}

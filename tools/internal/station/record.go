package station

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Execution is a command that the simulator has executed, with a number for its value.
type Execution struct {
	At     time.Time
	Device string
	Number int64
}

// ReadExecuted reads what the simulator has printed into its log: whatever it executed, in order, over all of its lives.
func ReadExecuted(log string) ([]Execution, error) {
	raw, err := os.ReadFile(log)
	if err != nil {
		return nil, err
	}
	var list []Execution
	for line := range strings.Lines(string(raw)) {
		words := strings.Fields(line)
		if len(words) != 5 || words[1] != "executed" {
			continue
		}
		at, err := time.Parse(time.RFC3339Nano, words[0])
		if err != nil {
			return nil, fmt.Errorf("the simulator's record: %w", err)
		}
		number, err := strconv.ParseFloat(words[4], 64)
		if err != nil {
			return nil, fmt.Errorf("the simulator's record: %w", err)
		}
		list = append(list, Execution{at, words[2], int64(number)})
	}
	return list, nil
}

package config

import (
	"bytes"
	"errors"
	"io/fs"
	"strconv"

	"github.com/joho/godotenv"
)

// readEnvFile reads the .env file; without one there is nothing to say unless it was asked for.
func readEnvFile(o *options, r *Report) map[string]string {
	if o.file == "" {
		return nil
	}
	content, err := readBounded(o.file)
	if errors.Is(err, fs.ErrNotExist) && !o.mustFile {
		return nil
	}
	if err != nil {
		r.Fault(EnvFileVariable, "the path of a readable file with NAME=value lines")
		return nil
	}
	values, err := godotenv.UnmarshalBytes(content)
	if err != nil {
		// godotenv's own text repeats the line, which may hold a password.
		r.Fault(o.file, "NAME=value lines; the first that cannot be read is line "+strconv.Itoa(firstBadLine(content)))
		return nil
	}
	return values
}

// firstBadLine returns the number of the line, from 1, at which the file stops to be readable: the
// first after which no shorter part of the file is readable any more.
func firstBadLine(content []byte) int {
	lines := bytes.SplitAfter(content, []byte("\n"))
	for n := len(lines) - 1; n > 0; n-- {
		if _, err := godotenv.UnmarshalBytes(bytes.Join(lines[:n], nil)); err == nil {
			return n + 1
		}
	}
	return 1
}

package config

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"

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

// firstBadLine gives the number of the line, from 1, at which the file stops to be readable: the
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

// warnUnknown names the variables of .env that no service of the system reads: most are misspelt.
func warnUnknown(fromFile map[string]string, fields []field, file string, r *Report) {
	known := map[string]bool{EnvFileVariable: true}
	for name := range system {
		known[name] = true
	}
	for _, f := range fields {
		known[f.Name] = true
		if f.File {
			known[f.Name+fileSuffix] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fromFile)) {
		if known[name] || Known(name) {
			continue
		}
		if like := closest(name, known); like != "" {
			r.Warnf("%s: no service reads the variable %s; did you mean %s?", file, name, like)
		} else {
			r.Warnf("%s: no service reads the variable %s", file, name)
		}
	}
}

func hasForeignPrefix(name string) bool {
	return slices.ContainsFunc(foreignPrefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}

// closest finds the known name that is at most two edits (one for short names) away.
func closest(name string, known map[string]bool) string {
	best, found := 3, ""
	if len(name) < 5 {
		best = 2
	}
	for _, candidate := range slices.Sorted(maps.Keys(known)) {
		if d := editDistance(strings.ToUpper(name), candidate); d < best {
			best, found = d, candidate
		}
	}
	return found
}

// editDistance counts insertions, deletions, substitutions and swaps of neighbours (optimal string
// alignment).
func editDistance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range b {
		rows[0][j+1] = j + 1
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, rows[i-2][j-2]+1)
			}
			rows[i][j] = d
		}
	}
	return rows[len(a)][len(b)]
}

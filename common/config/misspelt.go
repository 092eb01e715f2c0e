package config

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// misspelling is a variable that is set and not read, and the one that was most likely meant.
type misspelling struct{ written, meant string }

// misspelt finds among the names that are set those that nearly are one of the fields', in the order of the alphabet.
// A name far from all of them may be any other program's and is nobody's concern here.
func misspelt(fields []field, set []string) []misspelling {
	known := map[string]bool{EnvFileVariable: true}
	for _, f := range fields {
		known[f.Name] = true
		if f.File {
			known[f.Name+fileSuffix] = true
		}
	}
	var found []misspelling
	slices.Sort(set)
	for _, name := range slices.Compact(set) {
		if known[name] {
			continue
		}
		if meant := closest(name, known); meant != "" {
			found = append(found, misspelling{name, meant})
		}
	}
	return found
}

// Misspelt returns, for each of the names that is not one that Load reads into dst but nearly is, the one that was most
// likely meant.
func Misspelt(dst any, names []string) (map[string]string, error) {
	fields, err := gather(reflect.ValueOf(dst).Elem())
	if err != nil {
		return nil, err
	}
	meant := map[string]string{}
	for _, m := range misspelt(fields, slices.Clone(names)) {
		meant[m.written] = m.meant
	}
	return meant, nil
}

// closest finds the known name that is at most two edits (one for names under six letters) away, letter case aside.
func closest(name string, known map[string]bool) string {
	best, found := 3, ""
	if len(name) < 6 {
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

//go:build workshop

// Package lanetest tells tests in which lane they run. It is imported from tests only.
package lanetest

// Workshop is true under ./task test -workshop: there a test does whole what it thins in the everyday run. That lane runs all
// tests of the files that import this package.
const Workshop = true

// Package bench holds auth's benchmarks, as ratios within one run:
//
//	go test -run '^$' -bench . -benchtime 1x ./internal/bench
//
// They need the test servers, as the tests do, and say most on a machine that does nothing else.
package bench

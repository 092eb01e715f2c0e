//go:build workshop

package browser_test

var looks = []look{
	{"dark", "en", 1440}, {"light", "ru", 420}, {"light", "en", 1440}, {"dark", "ru", 420},
	{"dark", "ru", 1440}, {"light", "en", 420}, {"light", "ru", 1440}, {"dark", "en", 420},
}

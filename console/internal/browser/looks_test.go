//go:build !workshop

package browser_test

// Both themes, both languages and both widths; how they mix is for the workshop.
var looks = []look{{"dark", "en", 1440}, {"light", "ru", 420}}

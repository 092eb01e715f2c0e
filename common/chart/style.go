package chart

import (
	"image/color"
	"time"
)

// Theme is the picture's colours.
type Theme uint8

// The themes. Both fill their background, so that a picture is readable wherever it is put.
const (
	Light Theme = iota
	Dark
)

// Language is that of a picture's texts.
type Language uint8

// The languages.
const (
	English Language = iota
	Russian
)

// Style is how a picture looks.
type Style struct {
	Theme    Theme
	Language Language
	// Zone is that of the times; nil: UTC.
	Zone *time.Location
}

// Location returns the zone of the times.
func (s Style) Location() *time.Location {
	if s.Zone == nil {
		return time.UTC
	}
	return s.Zone
}

// Colours are those of a theme.
type Colours struct {
	Background, Text, Faint, Grid color.Color
	// Line is that of the values, Envelope of the area that they cover, Second of another line, Gap of where there are none.
	Line, Envelope, Second, Gap color.Color
}

// Colours returns those of the theme.
func (t Theme) Colours() Colours {
	if t == Dark {
		return Colours{
			Background: RGB(0x10161d), Text: RGB(0xdfe6ee), Faint: RGB(0x8b99a8), Grid: RGB(0x25303b),
			Line: RGB(0x63b6ff), Envelope: color.NRGBA{0x63, 0xb6, 0xff, 0x55}, Second: RGB(0xffb35c), Gap: RGB(0x1b242d),
		}
	}
	return Colours{
		Background: RGB(0xffffff), Text: RGB(0x1c2733), Faint: RGB(0x66727f), Grid: RGB(0xe3e8ed),
		Line: RGB(0x0a5fae), Envelope: color.NRGBA{0x0a, 0x5f, 0xae, 0x45}, Second: RGB(0xb9540f), Gap: RGB(0xeceff2),
	}
}

// RGB returns an opaque colour.
func RGB(hex uint32) color.Color {
	return color.NRGBA{uint8(hex >> 16), uint8(hex >> 8), uint8(hex), 0xff}
}

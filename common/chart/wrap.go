package chart

import "gonum.org/v1/plot/vg"

// wrap joins parts into lines no wider than width, in the size of marks. A part that is wider alone is cut.
func (c Canvas) wrap(parts []string, width vg.Length) []string {
	const between = " · "
	face := c.Face(MarkSize)
	var lines []string
	for _, part := range parts {
		part = c.shorten(part, width)
		if last := len(lines) - 1; last >= 0 && face.Width(lines[last]+between+part) <= width {
			lines[last] += between + part
			continue
		}
		lines = append(lines, part)
	}
	return lines
}

// shorten cuts a text to a width, in the size of marks.
func (c Canvas) shorten(text string, width vg.Length) string {
	face := c.Face(MarkSize)
	if face.Width(text) <= width {
		return text
	}
	letters := []rune(text)
	for len(letters) > 0 && face.Width(string(letters)+"…") > width {
		letters = letters[:len(letters)-1]
	}
	return string(letters) + "…"
}

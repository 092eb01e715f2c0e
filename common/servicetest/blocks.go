package servicetest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var fence = regexp.MustCompile("(?ms)^( *)```(\\w+)\n(.*?)^ *```$")

// Text reads a document of the repository.
func Text(t testing.TB, file string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(findRoot(t), filepath.FromSlash(file)))
	require.NoError(t, err)
	return string(content)
}

// Blocks reads the code blocks of one language under a heading of a document of the repository (README.md,
// docs/operating.md), so that a test can run what the document tells people to do. Indentation of a list is taken off.
func Blocks(t testing.TB, file, heading, language string) []string {
	t.Helper()
	_, section, found := strings.Cut(Text(t, file), "\n"+heading+"\n")
	require.True(t, found, "%s has no heading %q", file, heading)
	level, _, _ := strings.Cut(heading, " ")
	if end := regexp.MustCompile("(?m)^#{1," + string(rune('0'+len(level))) + "} ").FindStringIndex(outsideOfBlocks(section)); end != nil {
		section = section[:end[0]]
	}
	var blocks []string
	for _, m := range fence.FindAllStringSubmatch(section, -1) {
		if m[2] == language {
			blocks = append(blocks, strings.ReplaceAll(strings.TrimPrefix(m[3], m[1]), "\n"+m[1], "\n"))
		}
	}
	require.NotEmpty(t, blocks, "%s has no block of %s under %q", file, language, heading)
	return blocks
}

// outsideOfBlocks blanks what is in code blocks, where # begins a comment.
func outsideOfBlocks(section string) string {
	return fence.ReplaceAllStringFunc(section, func(block string) string { return strings.Repeat(" ", len(block)) })
}

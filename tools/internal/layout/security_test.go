package layout

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	securityTest = regexp.MustCompile(`^([\w<>/-]+)\.((?:Test|Fuzz)\w+)$`)
	testName     = regexp.MustCompile(`\b(?:Test|Fuzz)[A-Z]\w+`)
	// asvsRow is an answer to a requirement: its number, the answer, and why.
	asvsRow = regexp.MustCompile(`(?m)^\| (\d+\.\d+\.\d+) \| (yes|no|n/a) \| (.*) \|$`)
)

// asvsRequirements is how many requirements OWASP ASVS 5.0.0 has at levels 1 and 2.
const asvsRequirements = 253

// docs/security.md names tests and files that are there, and answers each requirement of the ASVS once, a yes with its place.
func TestTheSecurityPageIsTrue(t *testing.T) {
	t.Parallel()
	page := read(t, "docs/security.md")
	named := 0
	for _, span := range codeSpan.FindAllStringSubmatch(page, -1) {
		test := securityTest.FindStringSubmatch(span[1])
		if test != nil {
			named++
		}
		for _, name := range ofEachService(span[1]) {
			if test != nil {
				require.True(t, hasTest(t, name[:strings.LastIndex(name, ".")], test[2]), "there is no test %s", name)
			} else if recipePath.MatchString(name) && len(glob(t, strings.Split(name, "/")[0])) > 0 {
				require.NotEmpty(t, glob(t, filepath.Clean(name)), "there is no %s", name)
			}
		}
	}
	require.Greater(t, named, 200, "the tests were not found")
	if bare := len(testName.FindAllString(page, -1)) - named; bare != 0 {
		t.Errorf("%d tests are named without their folder", bare)
	}

	answered, answers := map[string]bool{}, map[string]int{}
	for _, row := range asvsRow.FindAllStringSubmatch(page, -1) {
		require.False(t, answered[row[1]], "%s is answered twice", row[1])
		require.True(t, row[2] != "yes" || strings.ContainsAny(row[3], "`("), "%s: a yes without its place", row[1])
		answered[row[1]] = true
		answers[row[2]]++
	}
	require.Len(t, answered, asvsRequirements)
	sum := fmt.Sprintf("Of the %d requirements: yes %d, no %d, n/a %d.", asvsRequirements, answers["yes"], answers["no"], answers["n/a"])
	if !strings.Contains(page, sum) {
		t.Errorf("it must say: %s", sum)
	}
}

// What a job of the CI runs, actions of others among it, may read the repository and nothing else; a job that needs more asks for it itself.
func TestTheTokenOfWorkflowsMayReadOnly(t *testing.T) {
	t.Parallel()
	files := glob(t, ".github/workflows/<any>.yml")
	require.NotEmpty(t, files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Contains(t, string(text), "\npermissions:\n  contents: read\n\n", file)
	}
}

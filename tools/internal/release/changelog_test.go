package release

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCommitsInTheChangelog(t *testing.T) {
	t.Parallel()
	for subject, want := range map[string]struct{ group, line string }{
		"feat(auth): a key":       {"Added", "- a key"},
		"feat(session): a key":    {"Added", "- `session`: a key"},
		"feat: a key":             {"Added", "- a key"},
		"fix(auth): a hinge":      {"Fixed", "- a hinge"},
		"perf(auth): oil":         {"Changed", "- oil"},
		"feat(auth)!: a new key":  {"Changed", "- **Breaking:** a new key"},
		"refactor!: another door": {"Changed", "- **Breaking:** another door"},
		"Revert the key":          {"Changed", "- Revert the key"},
		"refactor(auth): inside":  {"", ""},
		"test(auth): knock":       {"", ""},
		"docs(auth): a note":      {"", ""},
		"build(auth): x":          {"", ""},
	} {
		group, line := commit{subject: subject}.entry("auth")
		require.Equal(t, want.group, group, subject)
		require.Equal(t, want.line, line, subject)
	}
	group, line := commit{"refactor: inside", "Longer.\n\nBREAKING CHANGE: the door opens inwards"}.entry("auth")
	require.Equal(t, "Changed", group)
	require.Equal(t, "- **Breaking:** inside", line)
}

func TestChangelogSections(t *testing.T) {
	t.Parallel()
	made := map[string][]string{"Added": {"- made"}, "Fixed": {"- mended"}}
	const end = "## [0.1.0] - 2026-01-01\n\n- First.\n"
	const head = "# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-11-23\n\n"
	for name, tc := range map[string]struct {
		content string
		made    map[string][]string
		want    string
	}{
		"no file":          {"", made, "# Changelog of auth\n\n## [Unreleased]\n\n## [0.2.0] - 2026-11-23\n\n### Added\n\n- made\n\n### Fixed\n\n- mended\n"},
		"no heading":       {"# Changelog\n\n" + end, made, head + "### Added\n\n- made\n\n### Fixed\n\n- mended\n\n" + end},
		"an empty heading": {"# Changelog\n\n## [Unreleased]\n\n" + end, made, head + "### Added\n\n- made\n\n### Fixed\n\n- mended\n\n" + end},
		"without brackets": {"# Changelog\n\n## Unreleased\n\n- By hand.\n\n" + end, nil, head + "- By hand.\n\n" + end},
		"a group by hand": {
			"# Changelog\n\n## [Unreleased]\n\n### Added\n\n- By hand.\n\n" + end, made,
			head + "### Added\n\n- By hand.\n- made\n\n### Fixed\n\n- mended\n\n" + end,
		},
		"lines before the groups": {
			"# Changelog\n\n## [Unreleased]\n\nA word.\n\n### Removed\n\n- Old.\n", made,
			head + "A word.\n\n### Removed\n\n- Old.\n\n### Added\n\n- made\n\n### Fixed\n\n- mended\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := parseChangelog(tc.content, "auth")
			got := log.with("v0.2.0", log.section(tc.made), time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
			require.Equal(t, tc.want, got)
			require.True(t, parseChangelog(got, "auth").has("v0.2.0"))
			require.False(t, parseChangelog(got, "auth").has("v0.2"))
			require.Empty(t, parseChangelog(got, "auth").unreleased)
		})
	}
}

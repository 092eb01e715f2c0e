package release

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

var (
	unreleasedHeading = regexp.MustCompile(`(?im)^## \[?unreleased\]?.*$`)
	anyHeading        = regexp.MustCompile(`(?m)^## `)
	conventional      = regexp.MustCompile(`^(\w+)(?:\(([^)]*)\))?(!)?: (.+)$`)
)

// commit is what a changelog needs of one.
type commit struct{ subject, body string }

// breaking tells whether the commit says of itself that it breaks its users (Conventional Commits 1.0.0).
func (c commit) breaking() bool {
	parts := conventional.FindStringSubmatch(c.subject)
	return parts != nil && parts[3] == "!" || strings.Contains(c.body, "BREAKING CHANGE: ") || strings.Contains(c.body, "BREAKING-CHANGE: ")
}

// entry returns the group and the line of the changelog for a commit, "" for one that users do not notice
// (tests, documentation, refactoring …).
func (c commit) entry(module string) (group, line string) {
	kind, scope, text := "", "", c.subject
	if parts := conventional.FindStringSubmatch(c.subject); parts != nil {
		kind, scope, text = parts[1], parts[2], parts[4]
	}
	switch kind {
	case "feat":
		group = "Added"
	case "fix":
		group = "Fixed"
	case "perf", "revert", "":
		group = "Changed"
	default:
		if !c.breaking() {
			return "", ""
		}
		group = "Changed"
	}
	if scope != "" && scope != module {
		text = "`" + scope + "`: " + text
	}
	if c.breaking() {
		group, text = "Changed", "**Breaking:** "+text
	}
	return group, "- " + text
}

// groups of a section, in the order of Keep a Changelog.
var groupOrder = []string{"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}

// changelog is a CHANGELOG.md, parted at its unreleased section.
type changelog struct{ before, unreleased, after string }

func parseChangelog(content, module string) changelog {
	if content == "" {
		content = "# Changelog of " + module + "\n"
	}
	place := unreleasedHeading.FindStringIndex(content)
	if place == nil { // before the newest release, or at the end
		at := len(content)
		if first := anyHeading.FindStringIndex(content); first != nil {
			at = first[0]
		}
		return changelog{before: content[:at], after: content[at:]}
	}
	rest := content[place[1]:]
	end := len(rest)
	if following := anyHeading.FindStringIndex(rest); following != nil {
		end = following[0]
	}
	return changelog{before: content[:place[0]], unreleased: strings.TrimSpace(rest[:end]), after: rest[end:]}
}

// has tells whether a version already has its section.
func (c changelog) has(version string) bool { return c.heading(version) != nil }

// of returns the section of a version with its heading, "" when there is none.
func (c changelog) of(version string) string {
	place := c.heading(version)
	if place == nil {
		return ""
	}
	section := c.after[place[0]:]
	if following := anyHeading.FindStringIndex(section[1:]); following != nil {
		section = section[:1+following[0]]
	}
	return section
}

// heading is where the heading of a version begins and ends.
func (c changelog) heading(version string) []int {
	return regexp.MustCompile(`(?m)^## \[?v?` + regexp.QuoteMeta(strings.TrimPrefix(version, "v")) + `\]?(\s|$)`).FindStringIndex(c.after)
}

// section joins what people wrote under [Unreleased] with lines made from commits: each line goes to its group.
func (c changelog) section(made map[string][]string) string {
	var blocks []string
	if c.unreleased != "" {
		blocks = strings.Split("\n"+c.unreleased, "\n### ")
	}
	if len(blocks) > 0 && strings.TrimSpace(blocks[0]) == "" {
		blocks = blocks[1:]
	} else if len(blocks) > 0 {
		blocks[0] = strings.TrimPrefix(blocks[0], "\n")
	}
	plain := 0 // lines before the first group stay without a heading
	if c.unreleased != "" && !strings.HasPrefix(c.unreleased, "### ") {
		plain = 1
	}
	for i, block := range blocks {
		if i >= plain {
			block = "### " + block
		}
		blocks[i] = strings.TrimSpace(block)
	}
	for _, group := range groupOrder {
		if len(made[group]) == 0 {
			continue
		}
		lines := strings.Join(made[group], "\n")
		heading := "### " + group
		i := slices.IndexFunc(blocks, func(b string) bool { return b == heading || strings.HasPrefix(b, heading+"\n") })
		if i >= 0 {
			blocks[i] += "\n" + lines
			continue
		}
		blocks = append(blocks, heading+"\n\n"+lines)
	}
	return strings.Join(blocks, "\n\n")
}

// with puts a section under the heading of a version and leaves [Unreleased] empty above it.
func (c changelog) with(version, section string, day time.Time) string {
	var b strings.Builder
	b.WriteString(strings.TrimRight(c.before, "\n"))
	fmt.Fprintf(&b, "\n\n## [Unreleased]\n\n## [%s] - %s\n\n%s\n", strings.TrimPrefix(version, "v"), day.Format(time.DateOnly), section)
	if c.after != "" {
		b.WriteString("\n" + c.after)
	}
	return b.String()
}

package browser_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/console/internal/browser"
)

// accessible fails with what axe finds in the page: WCAG 2.2 A and AA, and its own good practice.
func accessible(t *testing.T, tab *browser.Tab, where string) {
	t.Helper()
	// Evaluated from outside: the page's policy would not let it in.
	does(t, tab, browser.Script("if (!window.axe) { "+axe+" }"))
	found := value[[]string](t, tab, `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"], preload: false, iframes: false}).then((r) =>
		r.violations.flatMap((v) => v.nodes.slice(0, 4).map((n) => v.id + ": " + n.target.join(" ") + " — " + (n.failureSummary ?? "").split("\n").slice(1, 3).join("; "))))`)
	if len(found) > 0 {
		t.Errorf("%s:\n  %s", where, strings.Join(found, "\n  "))
	}
}

// look is how a window shows the pages.
type look struct {
	theme, language string
	width           int64
}

// looking shows every page in every look: axe finds nothing, and nothing is wider than the window.
func looking() []act {
	var acts []act
	for _, l := range looks {
		acts = append(acts, act{fmt.Sprintf("every page is accessible, %s %s %d", l.theme, l.language, l.width), func(t *testing.T, s *stand) {
			t.Helper()
			tab := s.session(t)
			require.NoError(t, tab.Size(l.width, 900))
			require.NoError(t, tab.Prefer(l.theme, l.language))
			require.NoError(t, tab.Open("/login"))
			accessible(t, tab, "login")
			logIn(t, tab)
			for _, view := range browser.Views() {
				if view.Streams {
					continue // it moves: liveIsAccessible
				}
				require.NoError(t, view.Show(tab), view.Name)
				accessible(t, tab, view.Name)
				if wide := value[int](t, tab, `document.documentElement.scrollWidth - innerWidth`); wide > 0 {
					t.Errorf("%s is %d pixels wider than the window", view.Name, wide)
				}
				require.Equal(t, l.language, value[string](t, tab, `document.documentElement.lang`))
			}
		}})
	}
	return acts
}

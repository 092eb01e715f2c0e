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
	found := value[[]string](t, tab, `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"]}).then((r) =>
		r.violations.flatMap((v) => v.nodes.slice(0, 4).map((n) => v.id + ": " + n.target.join(" ") + " — " + (n.failureSummary ?? "").split("\n").slice(1, 3).join("; "))))`)
	if len(found) > 0 {
		t.Errorf("%s:\n  %s", where, strings.Join(found, "\n  "))
	}
}

func TestEveryPageIsAccessible(t *testing.T) {
	t.Parallel()
	s := setup(t)
	t.Run("the login", func(t *testing.T) {
		t.Parallel()
		tab := s.session(t)
		for _, theme := range []string{"dark", "light"} {
			require.NoError(t, tab.Prefer(theme, "ru"))
			require.NoError(t, tab.Open("/login"))
			accessible(t, tab, "login, "+theme)
		}
	})
	for _, look := range []struct {
		theme, language string
		width           int64
	}{{"dark", "en", 1440}, {"light", "ru", 1440}, {"light", "en", 420}, {"dark", "ru", 420}} {
		t.Run(fmt.Sprintf("%s %s %d", look.theme, look.language, look.width), func(t *testing.T) {
			t.Parallel()
			tab := s.admin(t)
			require.NoError(t, tab.Size(look.width, 900))
			require.NoError(t, tab.Prefer(look.theme, look.language))
			for _, view := range browser.Views() {
				if view.Streams {
					continue // what it shows comes from a receiver; TestLive has one
				}
				require.NoError(t, view.Show(tab), view.Name)
				accessible(t, tab, view.Name)
				if wide := value[int](t, tab, `document.documentElement.scrollWidth - innerWidth`); wide > 0 {
					t.Errorf("%s is %d pixels wider than the window", view.Name, wide)
				}
				require.Equal(t, look.language, value[string](t, tab, `document.documentElement.lang`))
			}
		})
	}
}

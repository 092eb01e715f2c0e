package release

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNext(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		previous, how string
		want          string
		bump          Bump
	}{
		{"", "patch", "v0.0.1", Patch},
		{"", "minor", "v0.1.0", Minor},
		{"", "major", "v1.0.0", Major},
		{"", "v0.3.0", "v0.3.0", Minor},
		{"v0.9.9", "patch", "v0.9.10", Patch},
		{"v0.9.9", "minor", "v0.10.0", Minor},
		{"v0.9.9", "major", "v1.0.0", Major},
		{"v1.2.3", "v1.2.5", "v1.2.5", Patch},
		{"v1.2.3", "v1.4.0", "v1.4.0", Minor},
		{"v1.2.3", "v3.0.0", "v3.0.0", Major},
		{"v1.2.3", "v1.2.3", "", ""},
		{"v1.2.3", "v1.2.2", "", ""},
		{"v1.2.3", "v1.3", "", ""},
		{"v1.2.3", "1.3.0", "", ""},
		{"v1.2.3", "v1.3.0-rc.1", "", ""},
		{"v1.2.3", "v1.3.0+build", "", ""},
		{"v1.2.3", "large", "", ""},
	} {
		version, bump, err := next(tc.previous, tc.how)
		require.Equal(t, tc.want == "", err != nil, "%v: %v", tc, err)
		require.Equal(t, tc.want, version, tc)
		require.Equal(t, tc.bump, bump, tc)
	}
}

func TestWhatABumpAllows(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		previous         string
		bump             Bump
		mayBreak, mayAdd bool
	}{
		{"", Patch, true, true},
		{"v0.1.0", Patch, false, true},
		{"v0.1.0", Minor, true, true},
		{"v0.1.0", Major, true, true},
		{"v1.1.0", Patch, false, false},
		{"v1.1.0", Minor, false, true},
		{"v1.1.0", Major, true, true},
	} {
		require.Equal(t, tc.mayBreak, mayBreak(tc.previous, tc.bump), tc)
		require.Equal(t, tc.mayAdd, mayAdd(tc.previous, tc.bump), tc)
	}
}

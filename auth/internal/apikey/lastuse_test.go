package apikey

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/auth/internal/authdb"
)

func TestTheLastUseIsTheMinuteButNotBeforeTheKeyWasMade(t *testing.T) {
	t.Parallel()
	made := time.Date(2026, 11, 30, 12, 0, 30, 0, time.UTC)
	for used, shown := range map[time.Time]time.Time{
		made.Add(15 * time.Second): made,
		made.Add(45 * time.Second): made.Add(30 * time.Second),
		made.Add(90 * time.Second): made.Add(90 * time.Second),
	} {
		require.Equal(t, shown, *fromRow(authdb.ApiKey{CreatedAt: made}, &used, nil).LastUsedAt)
	}
	require.Nil(t, fromRow(authdb.ApiKey{CreatedAt: made}, nil, nil).LastUsedAt)
}

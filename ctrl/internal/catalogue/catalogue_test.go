package catalogue_test

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"nms.example/common/db"
	"nms.example/common/pgtest"

	"nms.example/ctrl/internal/catalogue"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Whoever does not find what he was told to be there has the catalogues read again, but only when they have changed: a source that goes on
// sending values of an unknown parameter must not have them read each time.
func TestWhatIsNotFoundIsLookedForOnce(t *testing.T) {
	t.Parallel()
	pool := pgtest.New[db.NMS](t)
	c := catalogue.New(pool, slog.New(slog.DiscardHandler))
	first, err := c.Present(t.Context())
	require.NoError(t, err)
	require.Nil(t, first.Named("gain"))
	again, err := c.Fresh(t.Context())
	require.NoError(t, err)
	require.Same(t, first, again)

	_, err = pool.Exec(t.Context(), `INSERT INTO telemetry (name, name_full, description, value_validator) VALUES ('Gain', 'x', 'x', '{"type":"number"}')`)
	require.NoError(t, err)
	_, err = pool.Exec(t.Context(), "UPDATE cache_version SET version = version + 1")
	require.NoError(t, err)
	changed, err := c.Fresh(t.Context())
	require.NoError(t, err)
	require.NotNil(t, changed.Named("GAIN"))
}

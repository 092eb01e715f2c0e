package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestTracesAreTaken(t *testing.T) {
	t.Parallel()
	b := setup(t, "MAX_BODY_BYTES=65536")
	followed := b.broker.Follow("inbox.trace.*")
	guid, now := uuid.New(), time.Now()
	good := sample(guid, now)
	first := b.Post(traces, gzipped(t, good), "Content-Encoding: GZip", "X-Request-ID: main-job").Is(http.StatusCreated)
	t.Run("one that is new is answered with its guid", func(t *testing.T) {
		t.Parallel()
		require.JSONEq(t, `{"guid":"`+guid.String()+`"}`, string(first.Body))
	})
	t.Run("its values come back, bit by bit and as numbers", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		raw := b.Get(of(traces, guid), "Accept: application/octet-stream").Is(http.StatusOK)
		require.Equal(t, []byte{0x9c, 0xe2, 0xc0, 0xe0, 0, 0, 0xff, 0x7f, 0x2e, 0xfb}, raw.Body)
		var back struct {
			Power []float64 `json:"y_val_dbm"`
		}
		b.Get(of(traces, guid)).Is(http.StatusOK).Into(&back)
		require.Equal(t, []float64{-75.24, -80, 0, 327.67, -12.34}, back.Power)
	})
	t.Run("its event tells who sent it under which request, and none of its values", func(t *testing.T) {
		t.Parallel()
		e := told(t, followed, guid)
		require.Equal(t, "inbox.trace.received", e.Type)
		require.Equal(t, "user:1", e.Actor)
		require.Equal(t, "tester", e.ActorLogin)
		require.Equal(t, "main-job", e.RequestID)
		require.NotContains(t, string(e.Data), "y_val_dbm")
	})
	t.Run("sent again it is known, and answered as before", func(t *testing.T) {
		t.Parallel()
		again := b.in(t).Post(traces, good).Is(http.StatusOK)
		require.JSONEq(t, string(first.Body), string(again.Body))
	})
	t.Run("a slash at the end of the path makes no difference", func(t *testing.T) {
		t.Parallel()
		b.in(t).Post(traces+"/", sample(uuid.New(), now)).Is(http.StatusCreated)
	})
	t.Run("an unknown one is not found", func(t *testing.T) {
		t.Parallel()
		b.in(t).Get(of(traces, uuid.New())).Refused(notFound, "path.guid", "not_found")
	})
	long := strings.Repeat(" ", 70_000)
	for claim, c := range map[string]struct {
		body        string
		headers     []string
		status      int
		place, code string
	}{
		"half a body is refused":                          {`{"guid":`, nil, http.StatusBadRequest, "body", "not_json"},
		"no body is refused":                              {``, nil, http.StatusBadRequest, "body", "required"},
		"what is called gzip and is none is refused":      {good, []string{"Content-Encoding: gzip"}, http.StatusBadRequest, "body", "unreadable_body"},
		"another compression is refused":                  {good, []string{"Content-Encoding: br"}, http.StatusUnsupportedMediaType, "header.Content-Encoding", "unsupported_encoding"},
		"another type is refused":                         {good, []string{"Content-Type: text/plain"}, http.StatusUnsupportedMediaType, "header.Content-Type", "unsupported_media_type"},
		"what inflates to too much is refused":            {gzipped(t, good+long), []string{"Content-Encoding: gzip"}, http.StatusRequestEntityTooLarge, "body", "too_large"},
		"what is too long is refused":                     {good + long, nil, http.StatusRequestEntityTooLarge, "body", "too_large"},
		"a missing member is named":                       {`{}`, nil, unprocessable, "body.guid", "required"},
		"a value out of range is named":                   {sample(guid, now, ",-80,", ",-400,"), nil, unprocessable, "body.y_val_dbm[1]", "out_of_range"},
		"a grid that does not fit the values is refused":  {sample(guid, now, "100400", "100500"), nil, unprocessable, "body.step_freq_hz", "wrong_grid"},
		"one that is too old is refused":                  {sample(guid, now.AddDate(0, -2, 0)), nil, unprocessable, "body.timestamp", "too_old"},
		"one from the future is refused":                  {sample(guid, now.Add(time.Hour)), nil, unprocessable, "body.timestamp", "in_future"},
		"a guid that belongs to another trace is refused": {sample(guid, now, "-75.24", "-75.25"), nil, conflict, "body.guid", "guid_taken"},
	} {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			b.in(t).Post(traces, c.body, c.headers...).Refused(c.status, c.place, c.code)
		})
	}
}

func TestOldTracesAreTakenWhenTheSettingSaysSo(t *testing.T) {
	t.Parallel()
	b := setup(t, "TRACE_ACCEPT_OLD=true", "RETENTION=4800h")
	t.Run("as long as they are kept", func(t *testing.T) {
		t.Parallel()
		b.in(t).trace(time.Now().AddDate(0, -5, 0))
	})
	t.Run("what would be removed at once is refused all the same", func(t *testing.T) {
		t.Parallel()
		b.in(t).Post(traces, sample(uuid.New(), time.Now().AddDate(0, -9, 0))).Refused(unprocessable, "body.timestamp", "past_retention")
	})
}

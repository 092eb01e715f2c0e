package app_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/waittest"
)

// TestTheMainJob sends a gzip'ed trace, reads it back bit for bit and sees its event come over RabbitMQ.
func TestTheMainJob(t *testing.T) {
	t.Parallel()
	b := setup(t)
	events := b.published("inbox.trace.*")

	guid := uuid.New()
	body := sample(guid, time.Now())
	got := b.post(traces, gzipped(t, body), "Content-Encoding", "GZip", "X-Request-ID", "main-job")
	require.Equal(t, http.StatusCreated, got.Status, "%s", got.Body)
	require.JSONEq(t, `{"guid":"`+guid.String()+`"}`, string(got.Body))

	raw := b.get(traces+"/"+guid.String(), "Accept", "application/octet-stream")
	require.Equal(t, http.StatusOK, raw.Status)
	require.Equal(t, []byte{0x9c, 0xe2, 0xc0, 0xe0, 0, 0, 0xff, 0x7f, 0x2e, 0xfb}, raw.Body)
	var back struct {
		Power []float64 `json:"y_val_dbm"`
	}
	b.get(traces + "/" + guid.String()).Into(&back)
	require.Equal(t, []float64{-75.24, -80, 0, 327.67, -12.34}, back.Power)

	select {
	case event := <-events:
		require.Equal(t, "inbox.trace.received", event.Type)
		require.Equal(t, guid.String(), event.Subject)
		require.Equal(t, "user:1", event.Actor)
		require.Equal(t, "tester", event.ActorLogin)
		require.Equal(t, "main-job", event.RequestID)
		require.NotContains(t, string(event.Data), "y_val_dbm")
	case <-time.After(waittest.Bound):
		t.Fatal("the event did not come")
	}

	again := b.post(traces, body)
	require.Equal(t, http.StatusOK, again.Status)
	require.JSONEq(t, string(got.Body), string(again.Body))
}

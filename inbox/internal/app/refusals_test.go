package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/apitest"
	"nms.example/common/authn"
)

func TestEveryOperationAsksForItsPermission(t *testing.T) {
	t.Parallel()
	b := setup(t, "ENVIRONMENT=prod")
	apitest.CheckAccess(t, b.instance.Service.API(), func(m authn.Mask) string { return token(t, m) },
		"GET /", "GET /ctrl", "GET /healthz", "GET /readyz", "GET /metrics", "GET /openapi.json")
}

func TestRefusedTraces(t *testing.T) {
	t.Parallel()
	b := setup(t, "MAX_BODY_BYTES=4096")
	now := time.Now()
	good := sample(uuid.New(), now)
	for name, c := range map[string]struct {
		body, where string
		headers     []string
		status      int
	}{
		"not JSON":     {body: `{"guid":`, where: "body", status: 400},
		"empty":        {body: ``, where: "body", status: 400},
		"not gzip":     {body: good, where: "body", headers: []string{"Content-Encoding", "gzip"}, status: 400},
		"brotli":       {body: good, where: "header.Content-Encoding", headers: []string{"Content-Encoding", "br"}, status: 415},
		"text":         {body: good, where: "header.Content-Type", headers: []string{"Content-Type", "text/plain"}, status: 415},
		"inflated":     {body: gzipped(t, good+strings.Repeat(" ", 5000)), where: "body", headers: []string{"Content-Encoding", "gzip"}, status: 413},
		"too long":     {body: good + strings.Repeat(" ", 5000), where: "body", status: 413},
		"missing":      {body: `{}`, where: "body.guid", status: 422},
		"out of range": {body: strings.Replace(good, "-80", "-400", 1), where: "body.y_val_dbm[1]", status: 422},
		"span":         {body: strings.Replace(good, "100400", "100500", 1), where: "body.step_freq_hz", status: 422},
		"old":          {body: sample(uuid.New(), now.AddDate(0, -2, 0)), where: "body.timestamp", status: 422},
		"ahead":        {body: sample(uuid.New(), now.Add(time.Hour)), where: "body.timestamp", status: 422},
	} {
		got := b.post(traces, c.body, c.headers...)
		require.Equal(t, c.status, got.Status, "%s: %s", name, got.Body)
		problem := apitest.Problem(t, got.Header, got.Body, c.status)
		require.Equal(t, c.where, problem.Errors[0].Location, name)
	}
	require.Equal(t, http.StatusNotFound, b.get(traces+"/"+uuid.NewString()).Status)
	require.Equal(t, http.StatusCreated, b.post(traces+"/", good).Status, "with a trailing slash")
}

func TestOldTracesAreTakenWhenTheSettingSaysSo(t *testing.T) {
	t.Parallel()
	b := setup(t, "TRACE_ACCEPT_OLD=true", "RETENTION=4800h")
	require.Equal(t, http.StatusCreated, b.post(traces, sample(uuid.New(), time.Now().AddDate(0, -5, 0))).Status)
	require.Equal(t, http.StatusUnprocessableEntity, b.post(traces, sample(uuid.New(), time.Now().AddDate(0, -9, 0))).Status,
		"what retention would drop at once is refused all the same")
}

package service_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"nms.example/common/config"
	"nms.example/common/service"
	"nms.example/common/servicetest"
	"nms.example/common/waittest"
)

// deadline bounds every wait of the tests.
const deadline = waittest.Bound

var identity = service.Identity{
	ID:   uuid.MustParse("741b029a-d3bd-4a07-b45c-2f7dbcdf531d"),
	Name: "probe", About: "A service for tests", AboutRU: "Служба для тестов",
	Description: "It does nothing.", Copyright: "nobody", Port: 4099,
}

type settings struct{ config.Base }

// build loads the settings and leaves the rest to the test.
func build(rest func(s *service.Service)) service.BuildFunc {
	return func(_ context.Context, s *service.Service) error {
		if err := s.Load(new(settings)); err != nil {
			return err
		}
		if rest != nil {
			rest(s)
		}
		return nil
	}
}

func start(t *testing.T, rest func(s *service.Service), more ...string) *servicetest.Instance {
	t.Helper()
	from := map[string]string{}
	for i := 0; i+1 < len(more); i += 2 {
		from[more[i]] = more[i+1]
	}
	return servicetest.Start(t, identity, build(rest), from)
}

// get returns status and body as JSON. The connection is not kept, so that a stop has nothing to wait for.
func get(t *testing.T, url string) (int, map[string]any) {
	t.Helper()
	status, body := getText(t, url)
	parsed := map[string]any{}
	require.NoError(t, json.Unmarshal([]byte(body), &parsed), body)
	return status, parsed
}

func getText(t *testing.T, url string) (int, string) {
	t.Helper()
	resp, body := ask(t, url)
	return resp.StatusCode, body
}

// ask returns the answer to a GET and its body, which was read to its end.
func ask(t *testing.T, url string) (*http.Response, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, resp.Body.Close()) }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, string(body)
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	require.Eventually(t, holds, deadline, 20*time.Millisecond, what)
}

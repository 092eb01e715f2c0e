package app_test

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/authn"
	"nms.example/common/authntest"
	"nms.example/common/redis"
	"nms.example/common/redistest"
	"nms.example/common/waittest"
)

// TestTheStreamEndsWithItsCaller follows the stream with credentials of each kind, tells inbox over Redis what auth tells it
// when they end, and waits for the last event. The service looks at its callers every 5 s, and at a token's last second.
func TestTheStreamEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	b := setup(t)
	kit := authntest.WithSecret(t, secret)
	redis := redistest.Open(t, redis.Settings{DSN: redistest.DSN(t), Prefix: b.settings["REDIS_PREFIX"]})
	access := authn.Mask(authn.InboxRead)
	until := time.Now().Add(authn.RevocationTTL)
	session, user, role := authntest.Claims(access), authntest.Claims(access), authntest.Claims(access)
	user.UserID++
	role.UserID, role.Role = role.UserID+2, "watch"
	key := kit.Key(t, access)
	kit.Publish(t, redis)

	type follower struct {
		credential, reason string
		rest               <-chan string
	}
	followers := map[string]*follower{
		"session ended": {credential: kit.Sign(t, session), reason: "the access token was revoked"},
		"user blocked":  {credential: kit.Sign(t, user), reason: "the access token was revoked"},
		"role changed":  {credential: kit.Sign(t, role), reason: "the access token was revoked"},
		"key deleted":   {credential: key, reason: "the API key is unknown"},
	}
	for _, f := range followers {
		f.rest = b.followAs(f.credential)
	}
	// Long enough for a slow machine to open the stream.
	brief := kit.Forged(t, access, map[string]any{"exp": time.Now().Add(15 * time.Second).Unix()})
	followers["token at an end"] = &follower{reason: "the access token has expired", rest: b.followAs(brief)}
	stays := b.followAs(kit.Token(t, access))
	kit.Revoke(authn.Revocation{Session: session.SessionID, Until: until}, authn.Revocation{UserID: user.UserID, Epoch: 2, Until: until},
		authn.Revocation{Role: role.Role, Epoch: 2, Until: until})
	kit.Forget(key)
	kit.Publish(t, redis)
	for name, f := range followers {
		select {
		case text := <-f.rest:
			require.Contains(t, text, "event: end\ndata: {", name)
			require.Contains(t, text, `"status":401`, name)
			require.Contains(t, text, f.reason, name)
		case <-time.After(waittest.Bound):
			require.Fail(t, "the stream goes on", name)
		}
	}
	select {
	case <-stays:
		require.Fail(t, "somebody else's stream has ended")
	default:
	}
	require.Equal(t, "1", b.streamReaders())
	b.instance.Stop(t)
	require.Contains(t, <-stays, `"status":503,"detail":"the service is stopping"`)
}

// followAs opens the stream and returns what it has sent once it has ended.
func (b *bundle) followAs(credential string) <-chan string {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.instance.URL+"/api/v1/inbox/stream", nil)
	require.NoError(b.t, err)
	if strings.HasPrefix(credential, "nms_") {
		request.Header.Set("X-Api-Key", credential)
	} else {
		request.Header.Set("Authorization", "Bearer "+credential)
	}
	var stream *bufio.Reader
	require.Eventually(b.t, func() bool { // a new key may still be on its way
		response, err := http.DefaultClient.Do(request)
		require.NoError(b.t, err)
		b.t.Cleanup(func() { _ = response.Body.Close() })
		stream = bufio.NewReader(response.Body)
		return response.StatusCode == http.StatusOK
	}, waittest.Bound, 10*time.Millisecond)
	first, err := stream.ReadString('\n')
	require.NoError(b.t, err)
	require.Equal(b.t, ": welcome\n", first)
	rest := make(chan string, 1)
	go func() {
		text, err := io.ReadAll(stream)
		if err != nil {
			text = append(text, err.Error()...)
		}
		rest <- string(text)
	}()
	return rest
}

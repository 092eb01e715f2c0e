//go:build workshop

package stack

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/layout"
	"nms.example/tools/internal/station"
)

// The private system is a real one. Every method is used on it, since its start is what takes the time.
func TestAPrivateSystemIsKilledPausedStartedAgainAndGone(t *testing.T) {
	t.Parallel()
	checkout, err := FindCheckout(".")
	require.NoError(t, err)
	via, folder := map[string]string{}, watchFolder(t)
	var out bytes.Buffer
	ctx := t.Context()
	p, err := StartPrivate(ctx, checkout, Console{Out: &out}, PrivateOptions{
		Env: map[string]string{"LOG_LEVEL": "warn", "CTRL_SECRETS_DIR": filepath.Join(folder, "secrets")},
		Via: func(server, address string) (string, error) { via[server] = address; return address, nil },
	})
	require.NoError(t, err)
	defer p.Close()
	require.Contains(t, out.String(), "A private system")
	require.ElementsMatch(t, append(programNames(), "postgres", "redis", "rabbitmq", "epmd"), p.Programs())
	require.Equal(t, map[string]string{"postgres": p.Address("postgres"), "redis": p.Address("redis"),
		"rabbitmq": p.Address("rabbitmq")}, via)
	logIn(ctx, t, p)
	theMainJobByHand(ctx, t, p)
	aTraceFromTheShell(ctx, t, p)
	theStationIsSetUpOnce(ctx, t, p)
	theDemoWalks(ctx, t, p)
	commandingByHand(ctx, t, p)
	watchingByHand(ctx, t, p, folder)

	before, err := p.Process("postgres")
	require.NoError(t, err)
	used, err := p.Usage("postgres")
	require.NoError(t, err)
	require.Greater(t, used.Processes, 1, "PostgreSQL and its children")
	require.Greater(t, used.Resident, uint64(1<<20))
	require.ErrorContains(t, p.Start("postgres"), "runs already")
	require.NoError(t, p.Kill("postgres"))
	how, ended := p.Ended("postgres")
	require.True(t, ended)
	require.Contains(t, how, "killed")
	require.NoError(t, p.Kill("postgres"), "once more does nothing")
	require.ErrorContains(t, p.Pause("postgres"), "does not run")
	require.NoError(t, p.Start("postgres"))
	require.NoError(t, p.AwaitReady(ctx, "postgres"))
	after, err := p.Process("postgres")
	require.NoError(t, err)
	require.NotEqual(t, before, after)
	for _, database := range layout.Databases {
		for _, dsn := range []string{p.DSN(database), p.SuperDSN(database)} {
			conn, err := pgx.Connect(ctx, dsn)
			require.NoError(t, err)
			require.NoError(t, conn.Close(ctx))
		}
	}

	for _, server := range []string{"redis", "rabbitmq"} {
		require.NoError(t, p.Kill(server))
		require.NoError(t, p.Start(server))
		require.NoError(t, p.AwaitReady(ctx, server))
	}
	require.NoError(t, p.Pause("cfg"))
	require.Error(t, serviceReady(ctx, p.ports["cfg"]))
	require.NoError(t, p.Continue("cfg"))
	require.NoError(t, p.Stop("cfg"))
	how, ended = p.Ended("cfg")
	require.True(t, ended)
	require.Equal(t, "exit code 0", how)
	require.NoError(t, p.Start("cfg"))

	second, err := p.StartSecond(ctx, "auth", map[string]string{"LOG_LEVEL": "debug"})
	require.NoError(t, err)
	require.Equal(t, "auth-2", second)
	require.NotEqual(t, p.URL("auth"), p.URL(second))
	require.FileExists(t, p.Log(second))
	for _, service := range append(programNames(), second) {
		require.NoError(t, p.AwaitReady(ctx, service))
	}
	logIn(ctx, t, p)

	var told string
	err = p.StartFurther(ctx, Further{Name: "stranger", Path: "/bin/false", Ready: "/", Args: func(port string) []string {
		told = port
		return nil
	}})
	require.ErrorContains(t, err, "stranger stopped while starting")
	require.Equal(t, "127.0.0.1:"+told, p.Address("stranger"))
	require.Contains(t, p.Programs(), "stranger")

	_, err = p.StartSecond(ctx, "weather", nil)
	require.Error(t, err)
	require.Error(t, p.Kill("weather"))
	require.NoError(t, p.Pause("inbox"))
	p.Close()
	p.Close()
	require.NoDirExists(t, p.Dir())
	require.Empty(t, marked(p.checkout.Data))
	for _, name := range p.Programs() {
		used, err := p.Usage(name)
		require.NoError(t, err)
		require.Zero(t, used)
	}
}

func logIn(ctx context.Context, t *testing.T, p *Private) {
	t.Helper()
	name, password := p.Login()
	form := url.Values{"grant_type": {"password"}, "username": {name}, "password": {password}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL("auth")+"/api/v1/auth/token", strings.NewReader(form.Encode()))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusOK, response.StatusCode)
}

// theStationIsSetUpOnce puts the simulator's devices into the catalogues twice: the second time changes nothing, and what somebody
// has changed in between stays so.
func theStationIsSetUpOnce(ctx context.Context, t *testing.T, p *Private) {
	t.Helper()
	require.NoError(t, p.SetUpStation(ctx))
	conn, err := pgx.Connect(ctx, p.DSN("nms"))
	require.NoError(t, err)
	defer conn.Close(context.WithoutCancel(ctx))
	var endpoints, bindings int
	require.NoError(t, conn.QueryRow(ctx, "SELECT (SELECT count(*) FROM endpoint), (SELECT count(*) FROM command_binding)").Scan(&endpoints, &bindings))
	require.Equal(t, 16, endpoints)
	require.Equal(t, 8*6+8*3, bindings)
	_, err = conn.Exec(ctx, "UPDATE endpoint SET admin_state = 'locked' WHERE equipment_id = (SELECT min(equipment_id) FROM endpoint)")
	require.NoError(t, err)
	whole := func() (text string) {
		require.NoError(t, conn.QueryRow(ctx, `SELECT jsonb_build_array(
			(SELECT jsonb_agg(e ORDER BY id) FROM equipment e), (SELECT jsonb_agg(c ORDER BY id) FROM command c),
			(SELECT jsonb_agg(t ORDER BY id) FROM telemetry t), (SELECT jsonb_agg(s ORDER BY id) FROM command_toc s),
			(SELECT jsonb_agg(e ORDER BY equipment_id) FROM endpoint e), (SELECT jsonb_agg(b ORDER BY command_id) FROM command_binding b))::text`).Scan(&text))
		return text
	}
	before := whole()
	require.NoError(t, p.SetUpStation(ctx))
	require.Equal(t, before, whole())
	_, err = conn.Exec(ctx, "UPDATE endpoint SET admin_state = 'unlocked'")
	require.NoError(t, err)

	// The endpoints follow a simulator that was moved.
	here, there := p.Address(simulator), "127.0.0.1:1"
	for _, move := range [][2]string{{here, there}, {there, here}} {
		system := stationSystem(p.ports, move[1])
		system.Login, system.Password = p.Login()
		require.NoError(t, station.Load(ctx, system, move[0]))
		require.NoError(t, conn.QueryRow(ctx, "SELECT count(*) FROM endpoint WHERE address = $1", move[1]).Scan(&endpoints))
		require.Equal(t, 16, endpoints, move[1])
	}
}

// theDemoWalks runs what ./task demo runs.
func theDemoWalks(ctx context.Context, t *testing.T, p *Private) {
	t.Helper()
	demo := exec.CommandContext(ctx, "go", "run", "-buildvcs=false", "./cmd/demo")
	demo.Dir = filepath.Join(p.checkout.Root, "tools")
	demo.Env = slices.Concat(os.Environ(), p.clientEnv(), []string{"GOWORK=off", LogsVariable + "=" + p.checkout.LogDir()})
	out, err := demo.CombinedOutput()
	require.NoError(t, err, "%s", out)
	for _, words := range []string{
		"equal bit for bit", "would go over the line: set gain_db 12", "verifier: rx_gain = 12 within 5 s   read 12",
		"sends GAIN0: set gain_db 0", "verifier: rx_gain = 0 within 5 s   read 0", "The main job works, and so does commanding.",
	} {
		require.Contains(t, string(out), words)
	}
}

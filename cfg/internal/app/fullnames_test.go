package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// A full name shows all that it holds, as a name does; what is older than the rule may stay.
func TestFullNamesCanBeSeen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	unit, section := b.node("Unit", 0), b.section("S", 0)
	tables := map[string]string{"/equipments": "equipment", "/commands-toc": "command_toc", "/commands": "command", "/telemetry": "telemetry"}
	const invalid = http.StatusUnprocessableEntity
	conn, err := pgx.Connect(t.Context(), b.settings["DB_NMS_DSN"])
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(t.Context())) }()
	for path, item := range ways(unit, section) {
		id := b.post(path, fmt.Sprintf(item, `"plain"`)).is(http.StatusCreated).id()
		one := fmt.Sprintf("%s/%d", path, id)
		for _, text := range []string{"x\u200By", "\uFEFFx", "a\u202Eb", "a\nb"} {
			quoted, err := json.Marshal(text)
			require.NoError(t, err)
			b.patch(one, fmt.Sprintf(`{"name_full":%s}`, quoted)).refused(invalid, "body.name_full")
			other := strings.ReplaceAll(fmt.Sprintf(item, `"other"`), `"name_full":"x"`, `"name_full":`+string(quoted))
			if path == "/commands-toc" {
				other = fmt.Sprintf(`{"name":"other","name_full":%s}`, quoted)
			}
			b.post(path, other).refused(invalid, "body.name_full")
		}
		_, err := conn.Exec(t.Context(), "UPDATE "+tables[path]+` SET name_full = U&'old\200B' WHERE id = $1`, id)
		require.NoError(t, err)
		b.patch(one, `{"name":"renamed"}`).is(http.StatusOK)
		b.patch(one, `{"name_full":"old\u200b"}`).is(http.StatusOK)
		b.patch(one, `{"name_full":" seen "}`).is(http.StatusOK)
	}
}

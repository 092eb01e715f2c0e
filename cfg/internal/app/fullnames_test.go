package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A full name shows all that it holds, as a name does; what is older than the rule may stay.
//
//nolint:paralleltest,tparallel // the second claim changes what the first one looks at
func TestFullNamesCanBeSeen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	unit, section := b.node("Unit", 0), b.section("S", 0)
	tables := map[string]string{"/equipments": "equipment", "/commands-toc": "command_toc", "/commands": "command", "/telemetry": "telemetry"}
	for path, item := range ways(unit, section) {
		id := b.Post(path, fmt.Sprintf(item, `"plain"`)).Is(http.StatusCreated).ID()
		t.Run("what cannot be seen is refused: "+path, func(t *testing.T) {
			b := b.in(t)
			for _, text := range []string{"x\u200By", "\uFEFFx", "a\u202Eb", "a\nb"} {
				quoted, err := json.Marshal(text)
				require.NoError(t, err)
				b.Patch(of(path, id), fmt.Sprintf(`{"name_full":%s}`, quoted)).Refused(unprocessable, "body.name_full", "forbidden_characters")
				other := strings.ReplaceAll(fmt.Sprintf(item, `"other"`), `"name_full":"x"`, `"name_full":`+string(quoted))
				if path == "/commands-toc" {
					other = fmt.Sprintf(`{"name":"other","name_full":%s}`, quoted)
				}
				b.Post(path, other).Refused(unprocessable, "body.name_full", "forbidden_characters")
			}
		})
		t.Run("what is older stays: "+path, func(t *testing.T) {
			b := b.in(t)
			_, err := b.connect().Exec(t.Context(), "UPDATE "+tables[path]+` SET name_full = U&'old\200B' WHERE id = $1`, id)
			require.NoError(t, err)
			b.Patch(of(path, id), `{"name":"renamed"}`).Is(http.StatusOK)
			b.Patch(of(path, id), `{"name_full":"old\u200b"}`).Is(http.StatusOK)
			b.Patch(of(path, id), `{"name_full":" seen "}`).Is(http.StatusOK)
		})
	}
}

package submission

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"nms.example/common/fault"
)

// FuzzDecode reads anything as lines of NDJSON: each is refused with a fault of ours, or is a document that says each thing once.
func FuzzDecode(f *testing.F) {
	for _, body := range []string{
		`{"equipment_id":1,"at":"2026-11-30T12:00:00Z","values":{"gain":1,"mode":"on"},"quality":{"gain":"bad"}}`,
		`{"equipment_id":1,"values":{"gain":1}}` + "\n" + `{"equipment_id":2,"values":{"gain":null}}`,
		`{"equipment_id":1,"EQUIPMENT_ID":2,"values":{"gain":1}}`, `{"equipment_id":1,"values":{"gain":1},"Values":{"level":2}}`,
		`{"equipment_id":1,"values":{"gain":1,"gain":2}}`, `{"values":{}}{}`, `{"at":null,"quality":{},"values":{"a":[{"b":1,"b":2}]}}`, `null`, `[]`, "\xff", "\r\n",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for line := range bytes.SplitSeq(body, []byte("\n")) {
			var d Document
			if err := decode(line, &d); err != nil {
				require.NotNil(t, fault.As(err), "%v", err)
				continue
			}
			require.True(t, utf8.Valid(line))
			require.True(t, json.Valid(line))
			once(t, line)
			again, err := json.Marshal(d)
			require.NoError(t, err)
			var same Document
			require.NoError(t, decode(again, &same), "%s", again)
			require.Len(t, same.Values, len(d.Values))
			require.Equal(t, d.EquipmentID, same.EquipmentID)
			require.Len(t, same.Quality, len(d.Quality))
		}
	})
}

// once fails when a document has one of its members twice, in whatever letter case.
func once(t *testing.T, document []byte) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(document))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return // null: nothing is said
	}
	var seen []string
	for decoder.More() {
		key, err := decoder.Token()
		require.NoError(t, err)
		name, isName := key.(string)
		require.True(t, isName)
		require.False(t, slices.ContainsFunc(seen, func(other string) bool { return strings.EqualFold(other, name) }), "%s twice: %s", name, document)
		seen = append(seen, name)
		var value json.RawMessage
		require.NoError(t, decoder.Decode(&value))
	}
}

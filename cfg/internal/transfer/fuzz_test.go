package transfer_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/fault"

	"nms.example/cfg/internal/transfer"
)

// FuzzDecodeJSON reads anything as an export.
func FuzzDecodeJSON(f *testing.F) {
	for _, seed := range []string{`{}`, `{"equipments":[{"path":["a"],"name_full":"a"}]}`, `{"commands":[{"name":"R1"}]}`, `[]`, `{"telemetry":[{"name":"t","value_validator":{"a":1e400}}]}`, "\xff", `{"x":1}`, `{"equipments":null}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := transfer.DecodeJSON(data)
		if err != nil {
			require.NotNil(t, fault.As(err), "%v", err)
			return
		}
		for _, catalogue := range catalogues {
			_, err := transfer.EncodeCSV(d, catalogue, true)
			require.NoError(t, err)
		}
	})
}

var catalogues = []string{transfer.Equipments, transfer.Sections, transfer.Commands, transfer.Telemetry}

func TestALineThatIsNoCSVIsNamed(t *testing.T) {
	t.Parallel()
	for text, line := range map[string]string{
		"path,name_full\n0\"":                      "line 2: ",
		"path,name_full\na,b\n\"c\nd\",\"e\nf,g\n": "line 3: ", // where the record begins
		"path,name_full\na,b,c\n":                  "line 2, column 3: ",
	} {
		_, err := transfer.DecodeCSV([]byte(text), transfer.Sections)
		require.Equal(t, fault.Invalid, fault.KindOf(err), "%q", text)
		require.Contains(t, fault.As(err).Details[0].Message(), line, "%q", text)
	}
}

// FuzzDecodeCSV reads anything as a table; what is taken is written and read as the same again.
func FuzzDecodeCSV(f *testing.F) {
	for _, seed := range []string{"path,name_full\na,b\n", "\xef\xbb\xbfname,name_full,description,value_validator\nt,t,t,{}\n", "path\n\"a\n", "a;b\n1;2\n", "name\n'=1+1\n", "", "\x00", "path,path\na,b\n", "Path\tNAME_FULL\t\n/a\\/b/c\tx\n\t\t\n\n;\t\n", ";;\nparent;name;name_full;\n;\"a\nb\";x;\n"} {
		for i := range catalogues {
			f.Add([]byte(seed), uint8(i))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, n uint8) {
		catalogue := catalogues[int(n)%len(catalogues)]
		d, err := transfer.DecodeCSV(data, catalogue)
		if err != nil {
			require.NotNil(t, fault.As(err), "%v", err)
			return
		}
		once, err := transfer.EncodeCSV(d, catalogue, false)
		require.NoError(t, err)
		again, err := transfer.DecodeCSV(once, catalogue)
		require.NoError(t, err, "%s", once)
		twice, err := transfer.EncodeCSV(again, catalogue, false)
		require.NoError(t, err)
		require.Equal(t, string(once), string(twice))
	})
}

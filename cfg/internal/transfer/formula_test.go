package transfer_test

import (
	"bytes"
	"encoding/csv"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/cfg/internal/transfer"
)

// A spreadsheet runs a cell that begins like a formula. In what is exported it is text, and when it comes back it is what it was.
func TestNoCellIsAFormula(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`=HYPERLINK("http://evil.example")`, "+1", "-1", "@SUM(A1)", "'=1+1"} {
		d := &transfer.Document{Commands: []transfer.CommandRow{{
			Name: text, NameFull: text, Description: text, Equipment: text, Section: []string{"A"}, Undo: &text,
		}}}
		out, err := transfer.EncodeCSV(d, transfer.Commands, false)
		require.NoError(t, err)
		lines, err := csv.NewReader(bytes.NewReader(out)).ReadAll()
		require.NoError(t, err)
		require.Len(t, lines, 2)
		for i, cell := range lines[1] {
			if lines[0][i] != "toc" {
				require.Equal(t, "'"+text, cell, lines[0][i])
			}
		}
		again, err := transfer.DecodeCSV(out, transfer.Commands)
		require.NoError(t, err, text)
		require.Equal(t, d.Commands, again.Commands)
	}
}

package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVariablesStandWhereTheyAreRead(t *testing.T) {
	t.Parallel()
	const header = "| variable | default | what for |\n|---|---|---|\n"
	var lists []variableList
	for _, one := range []struct{ service, rows string }{
		{"auth", "| `PORT` | `4000` | Port. |\n| `MQ` | **required** | Bus, `a \\| b`. |\n| `COST` | `12` | Cost. |\n"},
		{"cfg", "| `PORT` | `4041` | Port. |\n| `MQ` | **required** | Bus, `a \\| b`. |\n| `NMS` | – | Database. |\n"},
		{"console", "| `PORT` | `4040` | Port. |\n"},
		{"ctrl", "| `PORT` | `4042` | Port. |\n| `MQ` | **required** | Bus, `a \\| b`. |\n| `NMS` | – | Database. |\n"},
	} {
		list, err := readVariables(one.service, header+one.rows)
		require.NoError(t, err)
		lists = append(lists, list)
	}
	require.Equal(t, "\n## What all services read\n\n"+header+"| `PORT` | – | Port. |\n"+
		"\n## What all but `console` read\n\n"+header+"| `MQ` | **required** | Bus, `a \\| b`. |\n"+
		"\n## What `auth` also reads\n\n"+header+"| `COST` | `12` | Cost. |\n"+
		"\n## What `cfg` also reads\n\n"+header+"| `NMS` | – | Database. |\n"+
		"\n## What `ctrl` also reads\n\n"+header+"| `NMS` | – | Database. |\n", variableTables(lists))
	for _, table := range []string{"", header, header + "| `PORT` | `4000` |\n"} {
		_, err := readVariables("auth", table)
		require.ErrorContains(t, err, "prints no table")
	}
}

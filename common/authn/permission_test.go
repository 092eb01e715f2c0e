package authn_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"nms.example/common/authn"
)

func TestTheNamedBitsAreTheContracts(t *testing.T) {
	t.Parallel()
	names := map[int]string{
		0: "users:read", 1: "users:write", 2: "roles:write", 3: "inbox:manage", 4: "apikeys:write", 5: "ctrl:read", 6: "ctrl:write",
		7: "telemetry:write", 8: "commands:send", 9: "commands:hazardous", 10: "commands:approve", 11: "alarms:write",
		26: "cfg:read", 27: "cfg:write", 28: "inbox:read", 29: "inbox:write", 30: "admin:read", 31: "admin:write",
	}
	require.Len(t, authn.Permissions(), len(names))
	for bit, name := range names {
		p := authn.Permission(1) << bit
		require.Equal(t, name, p.String())
		require.NotEmpty(t, p.Description(), name)
		require.True(t, authn.AllPermissions.Has(p), name)
		found, err := authn.ParsePermission(name)
		require.NoError(t, err)
		require.Equal(t, p, found)
	}
	require.IsIncreasing(t, authn.Permissions())
	require.Equal(t, "bit:12", authn.Permission(1<<12).String())
	require.Empty(t, authn.Permission(1<<12).Description())
	require.Equal(t, []string{}, authn.Mask(1<<12).Names())
	_, err := authn.ParsePermission("secret")
	require.ErrorContains(t, err, "known are users:read")
	require.NotContains(t, err.Error(), "secret")
}

// A constant beside the table would be a permission without a name, which no administrator holds.
func TestEveryPermissionIsInTheTable(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "permission.go", nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	constants := 0
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Permission" {
				constants += len(spec.Names)
			}
		}
		return true
	})
	require.Len(t, authn.Permissions(), constants)
}

func TestMasksAndNamesAgree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := authn.Mask(rapid.Int64Min(0).Draw(t, "mask"))
		var named authn.Mask
		for _, name := range m.Names() {
			p, err := authn.ParsePermission(name)
			require.NoError(t, err)
			named |= authn.Mask(p)
		}
		require.Equal(t, m&authn.AllPermissions, named)
		require.True(t, m.Covers(named))
		require.Equal(t, named.Covers(m), named == m)
	})
}

package layout

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// The linter keeps every service from every other one, and the libraries from all.
func TestTheLinterKeepsServicesApart(t *testing.T) {
	t.Parallel()
	type rule struct {
		Files []string
		Deny  []struct{ Pkg string }
	}
	var config struct {
		Linters struct {
			Settings struct {
				Depguard struct{ Rules map[string]rule }
			}
		}
	}
	require.NoError(t, yaml.Unmarshal([]byte(read(t, ".golangci.yml")), &config))
	rules := config.Linters.Settings.Depguard.Rules
	denied := func(name string) (packages []string) {
		for _, one := range rules[name].Deny {
			packages = append(packages, strings.TrimPrefix(one.Pkg, "nms.example/"))
		}
		return packages
	}
	for _, service := range Services {
		require.Contains(t, rules[service.Name].Files, "**/"+service.Name+"/internal/**", service.Name)
		for _, other := range Services {
			if other.Name != service.Name {
				require.Contains(t, denied(service.Name), other.Name, service.Name)
			}
		}
		require.NotContains(t, denied(service.Name), service.Name)
		require.Contains(t, denied("common-imports-no-service"), service.Name)
	}
}

package deployment

import (
	"path/filepath"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/layout"
)

// With the second file auth alone has the private key, and the shared secret is read only while the system changes over.
func TestComposeWithAPrivateKey(t *testing.T) {
	t.Parallel()
	for _, until := range []string{"", "2026-12-01T06:00:00Z"} {
		options, err := cli.NewProjectOptions(
			[]string{filepath.Join(root, "compose.yaml"), filepath.Join(root, "deploy", "compose", "private-key.yaml")},
			cli.WithEnv([]string{"SECRETS_DIR=" + secretsDir, "JWT_HS256_UNTIL=" + until}), cli.WithWorkingDirectory(root))
		require.NoError(t, err)
		project, err := options.LoadProject(t.Context())
		require.NoError(t, err)
		require.Equal(t, filepath.Join(secretsDir, "jwt_signing_key"), project.Secrets["jwt_signing_key"].File)
		for _, service := range layout.Services {
			found, ok := project.Services[service.Name]
			require.True(t, ok)
			env := map[string]string{}
			for name, value := range found.Environment {
				env[name] = *value
			}
			var secrets []string
			for _, secret := range found.Secrets {
				secrets = append(secrets, secret.Source)
			}
			if len(service.Databases) == 0 { // it hands tokens on and knows no key of theirs
				require.NotContains(t, secrets, "jwt_secret_key", service.Name)
				require.NotContains(t, env, "JWT_SECRET_KEY_FILE", service.Name)
				continue
			}
			require.Equal(t, until, env["JWT_HS256_UNTIL"], service.Name)
			if until == "" {
				require.Empty(t, env["JWT_SECRET_KEY_FILE"], service.Name)
			} else {
				require.Equal(t, "/run/secrets/jwt_secret_key", env["JWT_SECRET_KEY_FILE"], service.Name)
			}
			require.Contains(t, secrets, "mq_dsn", "what compose.yaml says stays")
			if service.Name == "auth" {
				require.Equal(t, "/run/secrets/jwt_signing_key", env["JWT_SIGNING_KEY_FILE"])
				require.Contains(t, secrets, "jwt_signing_key")
				require.NotContains(t, env, "JWT_JWKS_URL")
				continue
			}
			require.Equal(t, "http://auth:4000/.well-known/jwks.json", env["JWT_JWKS_URL"], service.Name)
			require.NotContains(t, secrets, "jwt_signing_key", service.Name)
		}
	}
}

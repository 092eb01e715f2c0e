package check

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// definitions are the files with the operators' resource definitions, in the modules that pins_test.go imports.
var definitions = map[string]string{ // kind in its API group → module and file
	"postgresql.cnpg.io/Cluster":         "github.com/cloudnative-pg/cloudnative-pg config/crd/bases/postgresql.cnpg.io_clusters.yaml",
	"postgresql.cnpg.io/Database":        "github.com/cloudnative-pg/cloudnative-pg config/crd/bases/postgresql.cnpg.io_databases.yaml",
	"postgresql.cnpg.io/ScheduledBackup": "github.com/cloudnative-pg/cloudnative-pg config/crd/bases/postgresql.cnpg.io_scheduledbackups.yaml",
	"rabbitmq.com/RabbitmqCluster":       "github.com/rabbitmq/cluster-operator/v2 config/crd/bases/rabbitmq.com_rabbitmqclusters.yaml",
}

// redisGroup is that of the Redis operator. The Go proxy serves no version of its module that the checksum database
// knows, so its definitions are none of those above.
const redisGroup = "redis.redis.opstreelabs.in"

// redisDefinitions is the variable that may name a folder with the Redis operator's definitions, config/crd/bases in
// its repository.
const redisDefinitions = "REDIS_OPERATOR_CRDS"

func kindOf(o object) string { return o.GroupVersionKind().Group + "/" + o.GetKind() }

// foreign tells resources of operators from those whose Go types decode them.
func foreign(o object) bool {
	return definitions[kindOf(o)] != "" || o.GroupVersionKind().Group == redisGroup
}

// definitionOf returns the file with the definition of a resource.
func definitionOf(t *testing.T, kind string) string {
	t.Helper()
	module, file, _ := strings.Cut(definitions[kind], " ")
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	require.NoError(t, err)
	return filepath.Join(strings.TrimSpace(string(out)), filepath.FromSlash(file))
}

// schemaIn compiles the schema of a version of the resource that a file defines. Fields that it does not name are
// refused, where the API server would drop them.
func schemaIn(t *testing.T, file, version string) *jsonschema.Schema {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	var definition struct {
		Spec struct {
			Versions []struct {
				Name   string
				Schema struct{ OpenAPIV3Schema map[string]any }
			}
		}
	}
	require.NoError(t, yaml.Unmarshal(content, &definition))
	for _, v := range definition.Spec.Versions {
		if v.Name != version {
			continue
		}
		tree := v.Schema.OpenAPIV3Schema
		closeObjects(tree)
		for _, name := range []string{"metadata", "apiVersion", "kind"} {
			delete(tree["properties"].(map[string]any), name)
		}
		tree["required"] = []any{"spec"}
		compiler := jsonschema.NewCompiler()
		require.NoError(t, compiler.AddResource("definition.json", tree))
		schema, err := compiler.Compile("definition.json")
		require.NoError(t, err)
		return schema
	}
	require.Fail(t, "the operator has no such version", "%s %s", file, version)
	return nil
}

// closeObjects refuses fields that a schema does not name, and drops what JSON Schema does not know.
func closeObjects(node any) {
	switch n := node.(type) {
	case []any:
		for _, child := range n {
			closeObjects(child)
		}
	case map[string]any:
		_, named := n["properties"]
		_, open := n["additionalProperties"]
		if preserved, _ := n["x-kubernetes-preserve-unknown-fields"].(bool); named && !open && !preserved {
			n["additionalProperties"] = false
		}
		// int32, int64, date-time: none refuses what YAML has made of the value.
		if _, text := n["format"].(string); text {
			delete(n, "format")
		}
		for _, name := range slices.Collect(maps.Keys(n)) {
			if name != "default" && name != "enum" && name != "example" {
				closeObjects(n[name])
			}
		}
	}
}

// requireValid checks a resource against the definition in a file.
func requireValid(t *testing.T, file string, o object) {
	t.Helper()
	tree := maps.Clone(o.Object)
	for _, field := range []string{"metadata", "apiVersion", "kind"} {
		delete(tree, field)
	}
	require.NoError(t, schemaIn(t, file, o.GroupVersionKind().Version).Validate(tree), o)
}

func TestResourcesOfOperators(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, set := range variants(servers) {
		objects, err := render(servers, set)
		require.NoError(t, err)
		for _, o := range objects {
			require.True(t, foreign(o), "%s: only resources of operators stand in this chart", o)
			seen[kindOf(o)] = true
			if o.GroupVersionKind().Group == redisGroup {
				checkRedis(t, o)
				continue
			}
			requireValid(t, definitionOf(t, kindOf(o)), o)
		}
	}
	for kind := range definitions {
		require.True(t, seen[kind], kind)
	}
}

func TestTheSchemasRefuseWhatIsWrong(t *testing.T) {
	t.Parallel()
	schema := schemaIn(t, definitionOf(t, "postgresql.cnpg.io/Cluster"), "v1")
	spec := func(more values) values {
		spec := values{"instances": float64(3), "storage": values{"size": "1Gi"}}
		maps.Copy(spec, more)
		return values{"spec": spec}
	}
	require.NoError(t, schema.Validate(spec(nil)))
	require.ErrorContains(t, schema.Validate(spec(values{"instance": float64(3)})), "instance")
	require.ErrorContains(t, schema.Validate(spec(values{"instances": "three"})), "instances")
	require.Error(t, schema.Validate(values{"spec": values{}}))
}

// checkRedis reads the fields that the chart uses, as the operator's definitions v1beta2 of the releases 0.23 to 0.26
// have them. They stand here by hand; where the definitions themselves are at hand, they are asked too:
//
//	REDIS_OPERATOR_CRDS=…/redis-operator/config/crd/bases go test -run TestResourcesOfOperators ./...
func checkRedis(t *testing.T, o object) {
	t.Helper()
	if dir := os.Getenv(redisDefinitions); dir != "" {
		requireValid(t, filepath.Join(dir, redisGroup+"_"+strings.ToLower(o.GetKind())+"s.yaml"), o)
	}
	var resource struct {
		metav1.TypeMeta   `json:",inline"`
		metav1.ObjectMeta `json:"metadata"`

		Spec struct {
			ClusterSize        *int32                     `json:"clusterSize"`
			PodSecurityContext *corev1.PodSecurityContext `json:"podSecurityContext"`
			KubernetesConfig   struct {
				Image           string                       `json:"image"`
				ImagePullPolicy corev1.PullPolicy            `json:"imagePullPolicy"`
				Resources       *corev1.ResourceRequirements `json:"resources"`
				RedisSecret     *struct {
					Name string `json:"name"`
					Key  string `json:"key"`
				} `json:"redisSecret"`
			} `json:"kubernetesConfig"`
			Storage *struct {
				VolumeClaimTemplate corev1.PersistentVolumeClaim `json:"volumeClaimTemplate"`
			} `json:"storage"`
			RedisSentinelConfig *struct {
				RedisReplicationName     string               `json:"redisReplicationName"`
				RedisReplicationPassword *corev1.EnvVarSource `json:"redisReplicationPassword"`
				Quorum                   string               `json:"quorum"`
			} `json:"redisSentinelConfig"`
		} `json:"spec"`
	}
	require.NoError(t, yaml.UnmarshalStrict(o.raw, &resource), o)
	require.Equal(t, redisGroup+"/v1beta2", resource.APIVersion)
	require.EqualValues(t, 3, *resource.Spec.ClusterSize)
	require.Equal(t, "nms-redis", resource.Spec.KubernetesConfig.RedisSecret.Name)
	switch resource.Kind {
	case "RedisReplication":
		require.NotNil(t, resource.Spec.Storage)
		require.Nil(t, resource.Spec.RedisSentinelConfig)
	case "RedisSentinel":
		require.Nil(t, resource.Spec.Storage)
		require.Equal(t, "2", resource.Spec.RedisSentinelConfig.Quorum)
		require.Equal(t, "nms-redis", resource.Spec.RedisSentinelConfig.RedisReplicationName)
	default:
		require.Fail(t, "unknown kind", resource.Kind)
	}
}

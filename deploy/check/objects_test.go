package check

import (
	"bufio"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/gateway-api/apis/v1"
)

func newReader(text string) *bufio.Reader { return bufio.NewReader(strings.NewReader(text)) }

// decoder reads objects as the API server does, and refuses unknown and repeated fields.
func decoder(t *testing.T) runtime.Decoder {
	t.Helper()
	all := runtime.NewScheme()
	require.NoError(t, scheme.AddToScheme(all))
	require.NoError(t, monitoring.AddToScheme(all))
	require.NoError(t, v1.Install(all))
	return serializer.NewCodecFactory(all, serializer.EnableStrict).UniversalDeserializer()
}

func TestObjectsAreWhatKubernetesReads(t *testing.T) {
	t.Parallel()
	decode := decoder(t)
	each(t, func(t *testing.T, o object) {
		t.Helper()
		require.Empty(t, validation.IsDNS1123Subdomain(o.GetName()), o)
		for key, value := range o.GetLabels() {
			require.Empty(t, validation.IsQualifiedName(key), o)
			require.Empty(t, validation.IsValidLabelValue(value), "%s: %s", o, value)
		}
		if foreign(o) {
			return // TestResourcesOfOperators
		}
		_, _, err := decode.Decode(o.raw, nil, nil)
		require.NoError(t, err, "%s\n%s", o, o.raw)
	})
}

// typed returns the objects of the chart of services that are of one type.
func typed[T runtime.Object](t *testing.T, set values) []T {
	t.Helper()
	decode := decoder(t)
	objects, err := render(services, set)
	require.NoError(t, err)
	var found []T
	for _, o := range objects {
		decoded, _, err := decode.Decode(o.raw, nil, nil)
		require.NoError(t, err)
		if one, ok := decoded.(T); ok {
			found = append(found, one)
		}
	}
	require.NotEmpty(t, found)
	return found
}

// pods returns the pod templates, the migrator's included.
func pods(t *testing.T) []corev1.PodTemplateSpec {
	t.Helper()
	var found []corev1.PodTemplateSpec
	for _, d := range typed[*appsv1.Deployment](t, nil) {
		require.Equal(t, d.Spec.Selector.MatchLabels["app.kubernetes.io/name"], d.Spec.Template.Labels["app.kubernetes.io/name"])
		require.Subset(t, d.Spec.Template.Labels, d.Spec.Selector.MatchLabels)
		found = append(found, d.Spec.Template)
	}
	for _, j := range typed[*batchv1.Job](t, nil) {
		require.Equal(t, "pre-install,pre-upgrade", j.Annotations["helm.sh/hook"])
		found = append(found, j.Spec.Template)
	}
	return found
}

func TestPodsAreHardened(t *testing.T) {
	t.Parallel()
	for _, pod := range pods(t) {
		spec := pod.Spec
		require.True(t, *spec.SecurityContext.RunAsNonRoot)
		require.Equal(t, corev1.SeccompProfileTypeRuntimeDefault, spec.SecurityContext.SeccompProfile.Type)
		require.False(t, *spec.AutomountServiceAccountToken)
		require.False(t, *spec.EnableServiceLinks)
		for _, volume := range spec.Volumes {
			require.NotNil(t, volume.Secret, "%s is no Secret", volume.Name)
		}
		for _, c := range spec.Containers {
			require.True(t, *c.SecurityContext.ReadOnlyRootFilesystem)
			require.False(t, *c.SecurityContext.AllowPrivilegeEscalation)
			require.Equal(t, []corev1.Capability{"ALL"}, c.SecurityContext.Capabilities.Drop)
			require.NotEmpty(t, c.Resources.Requests)
			require.False(t, c.Resources.Limits.Memory().IsZero())
			require.NotContains(t, c.Image, "latest")
			for _, mount := range c.VolumeMounts {
				require.True(t, mount.ReadOnly, mount.Name)
			}
		}
	}
}

// No secret has a value in the chart: what is called one comes from a Secret object.
func TestSecretsAreReferences(t *testing.T) {
	t.Parallel()
	for _, pod := range pods(t) {
		for _, variable := range pod.Spec.Containers[0].Env {
			secret := slices.ContainsFunc([]string{"DSN", "SECRET", "PASSWORD", "CONSOLE_KEY"}, func(word string) bool {
				return strings.Contains(strings.TrimSuffix(variable.Name, "_SECRETS_DIR"), word) // that is a path
			})
			require.Equal(t, secret, variable.ValueFrom != nil, variable.Name)
			if secret {
				require.NotNil(t, variable.ValueFrom.SecretKeyRef, variable.Name)
				require.Empty(t, variable.Value)
			}
		}
	}
	for _, chart := range []string{services, servers} {
		objects, err := render(chart, everything[chart])
		require.NoError(t, err)
		for _, o := range objects {
			require.NotEqual(t, "Secret", o.GetKind(), "Secrets are made by hand or by the operators")
		}
	}
}

// ctrl reaches the networks that it is told of and no other, and finds the secrets of equipment in a directory.
func TestEquipmentIsReachedWhereTheValuesSay(t *testing.T) {
	t.Parallel()
	networks := []any{"10.20.0.0/16", "fd00:20::/64"}
	set := values{"services": values{"ctrl": values{"networks": values{"CTRL_ALLOWED_NETWORKS": networks}}}}
	for _, d := range typed[*appsv1.Deployment](t, set) {
		env := map[string]string{}
		for _, v := range d.Spec.Template.Spec.Containers[0].Env {
			env[v.Name] = v.Value
		}
		if d.Name != "nms-ctrl" {
			require.NotContains(t, env, "CTRL_ALLOWED_NETWORKS", d.Name)
			require.Empty(t, d.Spec.Template.Spec.Volumes, d.Name)
			continue
		}
		require.Equal(t, "10.20.0.0/16,fd00:20::/64", env["CTRL_ALLOWED_NETWORKS"])
		volumes, mounts := d.Spec.Template.Spec.Volumes, d.Spec.Template.Spec.Containers[0].VolumeMounts
		require.Len(t, volumes, 1)
		require.Len(t, mounts, 1)
		require.Equal(t, "nms-equipment", volumes[0].Secret.SecretName)
		require.True(t, *volumes[0].Secret.Optional, "a system without secrets of equipment starts")
		require.Equal(t, volumes[0].Name, mounts[0].Name)
		require.Equal(t, mounts[0].MountPath, env["CTRL_SECRETS_DIR"])
	}
	blocks := func(set values) map[string][]string {
		found := map[string][]string{}
		for _, policy := range typed[*networkingv1.NetworkPolicy](t, set) {
			for _, rule := range policy.Spec.Egress {
				for _, to := range rule.To {
					if to.IPBlock != nil {
						found[policy.Name] = append(found[policy.Name], to.IPBlock.CIDR)
						require.Empty(t, rule.Ports, "equipment listens where it likes")
					}
				}
			}
		}
		return found
	}
	require.Equal(t, map[string][]string{"nms-ctrl": {"10.20.0.0/16", "fd00:20::/64"}}, blocks(set))
	require.Empty(t, blocks(nil))
	_, err := render(services, values{"services": values{"ctrl": values{"networks": values{"CTRL_ALLOWED_NETWORKS": []any{"everywhere"}}}}})
	require.ErrorContains(t, err, "CTRL_ALLOWED_NETWORKS")
}

// With a private key auth alone has it, and nobody the shared secret, unless for a while; the others reach auth.
func TestAuthAloneHasThePrivateKey(t *testing.T) {
	t.Parallel()
	variables := func(set values) map[string]map[string]corev1.EnvVar {
		found := map[string]map[string]corev1.EnvVar{}
		for _, d := range typed[*appsv1.Deployment](t, set) {
			found[d.Name] = map[string]corev1.EnvVar{}
			for _, v := range d.Spec.Template.Spec.Containers[0].Env {
				found[d.Name][v.Name] = v
			}
		}
		return found
	}
	for name, env := range variables(nil) {
		if name == "nms-console" {
			requirePagesKnowNoKeys(t, env)
			continue
		}
		require.Contains(t, env, "JWT_SECRET_KEY", name)
		require.NotContains(t, env, "JWT_JWKS_URL", name)
		require.NotContains(t, env, "JWT_SIGNING_KEY_FILE", name)
	}
	signing := values{"secrets": values{"signingKey": values{"name": "nms-signing"}}}
	changing := values{"secrets": signing["secrets"], "hs256Until": "2026-12-01T06:00:00Z"}
	for _, set := range []values{signing, changing} {
		for name, env := range variables(set) {
			if name == "nms-console" {
				requirePagesKnowNoKeys(t, env)
				continue
			}
			require.Equal(t, set["hs256Until"] != nil, env["JWT_SECRET_KEY"].ValueFrom != nil, name)
			require.Equal(t, set["hs256Until"] != nil, env["JWT_HS256_UNTIL"].Value == "2026-12-01T06:00:00Z", name)
			if name == "nms-auth" {
				require.Equal(t, "/run/secrets/jwt/keys.pem", env["JWT_SIGNING_KEY_FILE"].Value)
				require.NotContains(t, env, "JWT_JWKS_URL")
				continue
			}
			require.Equal(t, "http://nms-auth:4000/.well-known/jwks.json", env["JWT_JWKS_URL"].Value, name)
			require.NotContains(t, env, "JWT_SIGNING_KEY_FILE", name)
		}
		for _, d := range typed[*appsv1.Deployment](t, set) {
			holds := slices.ContainsFunc(d.Spec.Template.Spec.Volumes, func(v corev1.Volume) bool { return v.Secret.SecretName == "nms-signing" })
			require.Equal(t, d.Name == "nms-auth", holds, d.Name)
		}
		for _, policy := range typed[*networkingv1.NetworkPolicy](t, set) {
			if policy.Name == "nms-migrate" {
				continue // it knows no tokens
			}
			reaches := slices.ContainsFunc(policy.Spec.Egress, func(rule networkingv1.NetworkPolicyEgressRule) bool {
				return slices.ContainsFunc(rule.To, func(to networkingv1.NetworkPolicyPeer) bool {
					return to.PodSelector != nil && to.PodSelector.MatchLabels["app.kubernetes.io/name"] == "auth" && rule.Ports[0].Port.IntValue() == 4000
				})
			})
			reached := slices.ContainsFunc(policy.Spec.Ingress, func(rule networkingv1.NetworkPolicyIngressRule) bool {
				return slices.ContainsFunc(rule.From, func(from networkingv1.NetworkPolicyPeer) bool {
					return from.PodSelector != nil && from.PodSelector.MatchLabels["app.kubernetes.io/part-of"] == "nms"
				})
			})
			require.Equal(t, []bool{policy.Name != "nms-auth", policy.Name == "nms-auth"}, []bool{reaches, reached}, policy.Name)
		}
	}
}

// requirePagesKnowNoKeys: whoever takes the console over signs no tokens and sends no events.
func requirePagesKnowNoKeys(t *testing.T, env map[string]corev1.EnvVar) {
	t.Helper()
	for name := range env {
		require.False(t, strings.HasPrefix(name, "JWT_") || strings.HasPrefix(name, "MQ_") || strings.HasPrefix(name, "DB_"), name)
	}
}

// auth believes the console what it says of its clients, and nobody else believes pods.
func TestAuthTrustsThePods(t *testing.T) {
	t.Parallel()
	set := values{"podNetworks": []any{"10.244.0.0/16"}, "env": values{"TRUSTED_PROXIES": "192.0.2.7"}}
	for _, d := range typed[*appsv1.Deployment](t, set) {
		want := "192.0.2.7"
		if d.Name == "nms-auth" {
			want = "192.0.2.7,10.244.0.0/16"
		}
		env := d.Spec.Template.Spec.Containers[0].Env
		at := slices.IndexFunc(env, func(v corev1.EnvVar) bool { return v.Name == "TRUSTED_PROXIES" })
		require.Equal(t, want, env[at].Value, d.Name)
	}
}

// What the values promise of each other holds in what is made of them.
func TestDelaysAndMemoryFit(t *testing.T) {
	t.Parallel()
	for _, d := range typed[*appsv1.Deployment](t, nil) {
		spec := d.Spec.Template.Spec
		env := map[string]string{}
		for _, v := range spec.Containers[0].Env {
			env[v.Name] = v.Value
		}
		delay, err := time.ParseDuration(env["SHUTDOWN_DELAY"])
		require.NoError(t, err)
		timeout, err := time.ParseDuration(env["SHUTDOWN_TIMEOUT"])
		require.NoError(t, err)
		// A service may take a second more than both.
		require.Less(t, delay+timeout+time.Second, time.Duration(*spec.TerminationGracePeriodSeconds)*time.Second, d.Name)
		memory, err := resource.ParseQuantity(strings.TrimSuffix(env["GOMEMLIMIT"], "B"))
		require.NoError(t, err)
		limit := spec.Containers[0].Resources.Limits.Memory().Value()
		require.InEpsilon(t, float64(limit)*9/10, float64(memory.Value()), 0.01, "%s: GOMEMLIMIT is nine tenths of the limit", d.Name)
	}
}

// Only the API is reached from outside: metrics and health stay in the cluster.
func TestOnlyTheAPIIsReachedFromOutside(t *testing.T) {
	t.Parallel()
	var services []string
	pages := map[string]networkingv1.PathType{}
	for _, i := range typed[*networkingv1.Ingress](t, values{"ingress": values{"enabled": true}}) {
		for _, rule := range i.Spec.Rules {
			for _, path := range rule.HTTP.Paths {
				service := path.Backend.Service.Name[strings.LastIndex(path.Backend.Service.Name, "-")+1:]
				if service == "console" {
					require.Equal(t, "console.nms.example.org", rule.Host)
					pages[path.Path] = *path.PathType
					continue
				}
				require.Equal(t, "nms.example.org", rule.Host)
				require.Equal(t, "/api/v1/"+service, path.Path)
				require.Equal(t, networkingv1.PathTypePrefix, *path.PathType)
				services = append(services, service)
			}
		}
	}
	require.Len(t, typed[*appsv1.Deployment](t, nil), len(services)+1)

	// The pages that the console knows, its API and its files.
	source, err := os.ReadFile("../../console/internal/page/page.go")
	require.NoError(t, err)
	list := regexp.MustCompile(`Sections = \[\]string\{(.*)\}`).FindSubmatch(source)
	require.NotNil(t, list)
	want := map[string]networkingv1.PathType{"/": networkingv1.PathTypeExact, "/api/v1": networkingv1.PathTypePrefix, "/ui": networkingv1.PathTypePrefix}
	for quoted := range strings.SplitSeq(string(list[1]), ", ") {
		want["/"+strings.Trim(quoted, `"`)] = networkingv1.PathTypePrefix
	}
	require.Equal(t, want, pages)
}

// Uninstalling the servers' chart takes no data away.
func TestWhatHoldsDataIsKept(t *testing.T) {
	t.Parallel()
	objects, err := render("nms-servers", nil)
	require.NoError(t, err)
	kept := map[string]bool{}
	for _, o := range objects {
		if o.GetAnnotations()["helm.sh/resource-policy"] == "keep" {
			kept[o.GetKind()] = true
		}
	}
	require.True(t, kept["Cluster"], "PostgreSQL")
	require.True(t, kept["RabbitmqCluster"])
}

func TestProbesAndBudgets(t *testing.T) {
	t.Parallel()
	deployments := typed[*appsv1.Deployment](t, nil)
	for _, d := range deployments {
		c := d.Spec.Template.Spec.Containers[0]
		require.Equal(t, "/healthz", c.LivenessProbe.HTTPGet.Path)
		require.Equal(t, "/readyz", c.ReadinessProbe.HTTPGet.Path)
		require.Equal(t, "/healthz", c.StartupProbe.HTTPGet.Path)
		require.Equal(t, c.Ports[0].Name, c.ReadinessProbe.HTTPGet.Port.StrVal)
	}
	budgets := typed[*policyv1.PodDisruptionBudget](t, nil)
	require.Len(t, budgets, len(deployments))
	for i, b := range budgets {
		require.Equal(t, deployments[i].Name, b.Name)
		require.Equal(t, 1, b.Spec.MaxUnavailable.IntValue())
	}
}

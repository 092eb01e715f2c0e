package check

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
)

const root = "../.."

const (
	services = "nms"
	servers  = "nms-servers"
)

// values are what a user sets over the chart's own, as a tree.
type values = map[string]any

func chartDir(name string) string { return filepath.Join(root, "deploy", "helm", name) }

// render returns the objects that `helm template nms` would print, each as its YAML.
func render(chart string, set values) ([]object, error) {
	c, err := loader.Load(chartDir(chart))
	if err != nil {
		return nil, err
	}
	release := chartutil.ReleaseOptions{Name: "nms", Namespace: "radio", Revision: 1, IsInstall: true}
	full, err := chartutil.ToRenderValues(c, set, release, chartutil.DefaultCapabilities)
	if err != nil {
		return nil, err
	}
	files, err := engine.Engine{Strict: true}.Render(c, full)
	if err != nil {
		return nil, err
	}
	var objects []object
	for name, content := range files {
		if strings.HasSuffix(name, "NOTES.txt") {
			continue
		}
		found, err := split(name, content)
		if err != nil {
			return nil, err
		}
		objects = append(objects, found...)
	}
	return objects, nil
}

// object is one document of a rendered template.
type object struct {
	*unstructured.Unstructured

	file string
	raw  []byte
}

func (o object) String() string { return fmt.Sprintf("%s %s (%s)", o.GetKind(), o.GetName(), o.file) }

func split(file, content string) ([]object, error) {
	var objects []object
	reader := yaml.NewYAMLReader(newReader(content))
	for {
		raw, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		text, err := yaml.ToJSON(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", file, err, raw)
		}
		if bytes.Equal(text, []byte("null")) {
			continue
		}
		o := object{Unstructured: new(unstructured.Unstructured), file: file, raw: raw}
		if err := json.Unmarshal(text, &o.Object); err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", file, err, raw)
		}
		objects = append(objects, o)
	}
}

// everything switches on what is off by default.
var everything = map[string]values{
	services: {
		"ingress":    values{"enabled": true, "className": "nginx", "tlsSecret": "nms-tls", "annotations": values{"a/b": "c"}},
		"gateway":    values{"enabled": true, "parentRefs": []any{values{"name": "public", "namespace": "edge"}}, "hostnames": []any{"nms.example.org"}},
		"monitoring": values{"enabled": true, "dashboard": true, "labels": values{"release": "prometheus"}},
		"image":      values{"registry": "registry.example.org/nms", "pullSecrets": []any{"pull"}},
		"networkPolicy": values{"extraEgress": []any{values{
			"to": []any{values{"ipBlock": values{"cidr": "10.1.2.3/32"}}}, "ports": []any{values{"port": 4318, "protocol": "TCP"}},
		}}},
		"podAnnotations": values{"a": "b"}, "podLabels": values{"c": "d"}, "nodeSelector": values{"kubernetes.io/os": "linux"},
		"tolerations": []any{values{"key": "radio", "operator": "Exists"}}, "priorityClassName": "important",
		"secrets":    values{"signingKey": values{"name": "nms-signing"}},
		"hs256Until": "2026-12-01T06:00:00+03:00",
		"services":   values{"auth": values{"digest": "sha256:" + strings.Repeat("a", 64), "version": "v1.2.3"}},
	},
	servers: {
		"postgres": values{
			"storage": values{"size": "1Gi", "storageClass": "fast"}, "monitoring": true,
			"plugins":         []any{values{"name": "barman-cloud.cloudnative-pg.io", "isWALArchiver": true, "parameters": values{"barmanObjectName": "s3"}}},
			"scheduledBackup": values{"enabled": true, "method": "plugin", "plugin": values{"name": "barman-cloud.cloudnative-pg.io"}},
		},
		"rabbitmq": values{"storage": values{"size": "1Gi", "storageClass": "fast"}},
		"redis":    values{"storage": values{"size": "1Gi", "storageClass": "fast"}},
	},
}

// variants are the values that each chart is rendered with.
func variants(chart string) map[string]values {
	return map[string]values{"default": nil, "everything": everything[chart]}
}

// each calls do for each object of each chart in each variant.
func each(t *testing.T, do func(t *testing.T, o object)) {
	t.Helper()
	for _, chart := range []string{services, servers} {
		for name, set := range variants(chart) {
			t.Run(chart+"/"+name, func(t *testing.T) {
				t.Parallel()
				objects, err := render(chart, set)
				require.NoError(t, err)
				require.NotEmpty(t, objects)
				for _, o := range objects {
					do(t, o)
				}
			})
		}
	}
}

func TestHelmsLinterFindsNothing(t *testing.T) {
	t.Parallel()
	for _, chart := range []string{services, servers} {
		for name, set := range variants(chart) {
			result := lint.All(chartDir(chart), set, "radio", true)
			for _, message := range result.Messages {
				if message.Severity > support.InfoSev { // the icon is missing, and may
					require.Fail(t, "helm lint", "%s, %s: %s", chart, name, message.Err)
				}
			}
		}
	}
}

func TestValuesAreChecked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		chart string
		set   values
		want  string
	}{
		"misspelt":         {services, values{"services": values{"auth": values{"replica": 3}}}, "replica"},
		"no port":          {services, values{"services": values{"weather": values{}}}, "port"},
		"secret in env":    {services, values{"services": values{"auth": values{"env": values{"JWT_SECRET_KEY": "x"}}}}, "JWT_SECRET_KEY"},
		"password in env":  {services, values{"env": values{"AUTH_ADMIN_PASSWORD": "x"}}, "AUTH_ADMIN_PASSWORD"},
		"unknown database": {services, values{"services": values{"auth": values{"databases": []any{"oracle"}}}}, "secrets.databases has no entry oracle"},
		"latest":           {services, values{"services": values{"auth": values{"version": "latest"}}}, "version"},
		"no time":          {services, values{"hs256Until": "tomorrow"}, "hs256Until"},
		"route to nothing": {services, values{"gateway": values{"enabled": true}}, "gateway.parentRefs"},
		"even brokers":     {servers, values{"rabbitmq": values{"replicas": 2}}, "replicas"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := render(c.chart, c.set)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestServersCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	off := values{"enabled": false}
	objects, err := render(servers, values{"postgres": off, "rabbitmq": off, "redis": off})
	require.NoError(t, err)
	require.Empty(t, objects)
}

{{- define "servers.labels" -}}
app.kubernetes.io/part-of: nms
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{/* What uninstalling the chart must not take away. */}}
{{- define "servers.keep" -}}
helm.sh/resource-policy: keep
{{- end -}}

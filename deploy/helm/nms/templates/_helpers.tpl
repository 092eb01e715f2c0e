{{/* The settings of one service: its own over the defaults. Call with (dict "root" $ "name" …); gives YAML. */}}
{{- define "nms.service" -}}
{{- mergeOverwrite (deepCopy .root.Values.serviceDefaults) (deepCopy (get .root.Values.services .name)) | toYaml -}}
{{- end -}}

{{- define "nms.fullname" -}}
{{- printf "%s-%s" .root.Release.Name .name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "nms.selector" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end -}}

{{- define "nms.labels" -}}
{{ include "nms.selector" . }}
app.kubernetes.io/part-of: nms
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- with get . "version" }}
app.kubernetes.io/version: {{ . | quote }}
{{- end }}
{{- end -}}

{{/* Call with (dict "root" $ "name" … "version" … "digest" …). */}}
{{- define "nms.image" -}}
{{- $image := printf "%s/%s" (trimSuffix "/" .root.Values.image.registry) .name -}}
{{- if get . "digest" }}{{ printf "%s@%s" $image .digest }}{{ else }}{{ printf "%s:%s" $image .version }}{{ end -}}
{{- end -}}

{{- define "nms.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "nms.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/* The variables DB_…_DSN. Call with (dict "root" $ "databases" (list …)). */}}
{{- define "nms.databases" -}}
{{- range $database := .databases }}
{{- $secret := get $.root.Values.secrets.databases $database | required (printf "secrets.databases has no entry %s" $database) }}
- name: DB_{{ upper $database }}_DSN
  valueFrom:
    secretKeyRef: {name: {{ $secret.name | quote }}, key: {{ $secret.key | quote }}}
{{- end }}
{{- end -}}

{{/* The name of a volume, made of that of the variable with its path. */}}
{{- define "nms.volume" -}}
{{- lower . | replace "_" "-" -}}
{{- end -}}

{{/* Where auth publishes the public keys of its tokens. */}}
{{- define "nms.jwksURL" -}}
{{- printf "http://%s:%v/.well-known/jwks.json" (include "nms.fullname" (dict "root" . "name" "auth")) .Values.services.auth.port -}}
{{- end -}}

{{- define "nms.placement" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- end -}}

{{/* One egress rule for a server. */}}
{{- define "nms.egress" -}}
- to: {{- toYaml .peers | nindent 4 }}
  ports:
    {{- range .ports }}
    - {port: {{ . }}, protocol: TCP}
    {{- end }}
{{- end -}}

{{- define "nms.egressDNS" -}}
- to:
    - namespaceSelector: {}
  ports:
    - {port: 53, protocol: UDP}
    - {port: 53, protocol: TCP}
{{- end -}}

{{/* What is reached of the console from outside: its API, its files, its pages; not /metrics and /ctrl. */}}
{{- define "nms.pages" -}}
/api/v1 /ui /login /overview /alarms /live /spectra /equipment /telemetry /commands /catalogue /journal /people /services /profile
{{- end }}

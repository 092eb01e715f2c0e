// Package config reads a service's settings from environment variables and, behind them, from a local
// .env file.
//
// Settings are a struct whose fields carry tags:
//
//	envconfig:"NAME"   the variable
//	default:"…"        taken when the variable is absent or empty
//	required:"true"    an absent or empty variable is a fault
//	min:"…" max:"…"    bounds for numbers and durations
//	expect:"…"         what is taken, in words, when the type cannot say it
//	desc:"…"           what it is for; printed by --variables, from which docs/configuration.md is made
//
// Nested structs are read too, without a prefix to their names. Everything that is wrong comes in one
// error, which names variables and never their values.
package config

import (
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
)

// EnvFileVariable names the .env file when it is not ./.env. A file that it names must exist.
const EnvFileVariable = "ENV_FILE"

// maxFileBytes bounds .env and the files that <NAME>_FILE variables name.
const maxFileBytes = 1 << 20

// fileSuffix ends the variables that name a secret's file.
const fileSuffix = "_FILE"

type options struct {
	// environment is what is set outside the file.
	environment map[string]string
	file        string
	mustFile    bool
	defaults    map[string]string
}

// Option changes where the settings come from.
type Option func(*options)

// WithSettings reads from settings alone: neither the process environment nor .env is looked at.
func WithSettings(settings map[string]string) Option {
	return func(o *options) {
		o.environment = settings
		o.file = settings[EnvFileVariable]
		o.mustFile = o.file != ""
	}
}

// WithDefault overrides the default of one variable, for instance a service's own port.
func WithDefault(name, value string) Option {
	return func(o *options) { o.defaults[name] = value }
}

// Load fills dst, a pointer to a struct. The warnings are sentences for the log. The error is an
// *Error with every fault, and dst is then not to be used.
func Load(dst any, opts ...Option) (warnings []string, err error) {
	o := options{environment: processEnvironment(), file: ".env", defaults: map[string]string{}}
	if file := o.environment[EnvFileVariable]; file != "" {
		o.file, o.mustFile = file, true
	}
	for _, opt := range opts {
		opt(&o)
	}
	root := reflect.ValueOf(dst)
	if root.Kind() != reflect.Pointer || root.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("config: Load needs a pointer to a struct, not %T", dst)
	}

	fields, err := gather(root.Elem())
	if err != nil {
		return nil, err
	}
	report := &Report{Environment: Prod}
	fromFile := readEnvFile(&o, report)
	for _, m := range misspelt(fields, slices.Concat(slices.Collect(maps.Keys(o.environment)), slices.Collect(maps.Keys(fromFile)))) {
		report.Warnf("the variable %s is not read; did you mean %s?", m.written, m.meant)
	}

	l := loader{options: o, fromFile: fromFile, report: report}
	for _, f := range fields {
		l.read(f)
		if e, ok := reflect.TypeAssert[Environment](f.value); ok {
			report.Environment = e
		}
	}
	validate(root.Elem(), report)
	return report.warnings, report.err()
}

func processEnvironment() map[string]string {
	set := map[string]string{}
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		set[name] = value
	}
	return set
}

type loader struct {
	options

	fromFile map[string]string
	report   *Report
}

// get looks at the environment first. A variable that is set there, even to nothing, hides the file's.
func (l *loader) get(name string) string {
	if v, ok := l.environment[name]; ok {
		return v
	}
	return l.fromFile[name]
}

func (l *loader) read(f field) {
	value := l.get(f.Name)
	if f.File {
		var ok bool
		if value, ok = l.readSecretFile(f, value); !ok {
			return
		}
	}
	if value == "" {
		value = f.Default
		if d, ok := l.defaults[f.Name]; ok {
			value = d
		}
	}
	switch {
	case value == "" && f.Required:
		l.report.Missing(f.Name, f.Expects)
	case value == "":
	case f.decode(value) != nil:
		l.report.Fault(f.Name, f.Expects)
	}
}

// readSecretFile replaces value by the content of the file that <NAME>_FILE names, as container
// platforms hand over secrets.
func (l *loader) readSecretFile(f field, value string) (string, bool) {
	name := f.Name + fileSuffix
	path := l.get(name)
	if path == "" {
		return value, true
	}
	if value != "" {
		l.report.Fault(name, "either "+f.Name+" or "+name+", not both")
		return "", false
	}
	content, err := readBounded(path)
	if err != nil {
		l.report.Fault(name, "the path of a readable file that holds "+f.Expects)
		return "", false
	}
	return strings.TrimSpace(string(content)), true
}

func readBounded(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxFileBytes {
		return nil, fmt.Errorf("%s is not a file of at most %d bytes", path, maxFileBytes)
	}
	return os.ReadFile(path)
}

// validate calls every Validator in the struct, inner ones first.
func validate(v reflect.Value, r *Report) {
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Struct && v.Type().Field(i).IsExported() {
			validate(f, r)
		}
	}
	if v.CanAddr() {
		if validator, ok := reflect.TypeAssert[Validator](v.Addr()); ok {
			validator.Validate(r)
		}
	}
}

package config

import (
	"fmt"
	"io"
	"reflect"
	"strings"
)

// Variables lists what Load reads into dst, a pointer to a struct, in the order of its fields.
func Variables(dst any) ([]Variable, error) {
	fields, err := gather(reflect.ValueOf(dst).Elem())
	list := make([]Variable, 0, len(fields))
	for _, f := range fields {
		list = append(list, f.Variable)
	}
	return list, err
}

// WriteTable writes the variables of dst as a Markdown table.
func WriteTable(w io.Writer, dst any, opts ...Option) error {
	o := options{defaults: map[string]string{}}
	for _, opt := range opts {
		opt(&o)
	}
	variables, err := Variables(dst)
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString("| variable | default | what for |\n|---|---|---|\n")
	for _, v := range variables {
		if d, ok := o.defaults[v.Name]; ok {
			v.Default = d
		}
		b.WriteString(v.Row())
	}
	_, err = io.WriteString(w, b.String())
	return err
}

// Row returns the variable's row of the table, with its line break.
func (v Variable) Row() string {
	def := "–"
	switch {
	case v.Required:
		def = "**required**"
	case v.Default != "":
		def = "`" + v.Default + "`"
	}
	text := v.Description
	if v.File {
		text = strings.TrimSpace(text + " Or the path of a file with it in `" + v.Name + "_FILE`.")
	}
	return fmt.Sprintf("| `%s` | %s | %s |\n", v.Name, def, strings.ReplaceAll(text, "|", `\|`))
}

package service

import (
	"encoding/json"

	"nms.example/common/api"
	"nms.example/common/fault"
)

// ErrorList is what --errors prints.
type ErrorList struct {
	Service string             `json:"service"`
	Errors  []ErrorDescription `json:"errors"`
}

// ErrorDescription is one code of a refusal.
type ErrorDescription struct {
	Code     string `json:"code"`
	Statuses []int  `json:"statuses"`
	Meaning  string `json:"meaning"`
}

// Errors lists the codes that this program knows, by name; docs/errors.md is made from them.
func Errors() []ErrorDescription {
	list := []ErrorDescription{}
	for _, code := range fault.Codes() {
		list = append(list, ErrorDescription{Code: code.Name, Statuses: api.StatusesOf(code), Meaning: code.Meaning})
	}
	return list
}

func (c *command) printErrors() int {
	encoder := json.NewEncoder(c.stdout)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(ErrorList{Service: c.identity.Name, Errors: Errors()}); err != nil {
		return c.refuse("the errors were not printed", err)
	}
	return exitOK
}

package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"nms.example/common/api/internal/wire"
	"nms.example/common/fault"
)

// Codes of what HTTP requests are refused for, whatever the operation.
var (
	codeNoRoute = fault.Declare(fault.NotFound, "no_route", "There is nothing at this path.")
	codeMethod  = fault.Declare(fault.Malformed, "method_not_allowed", "The path does not know the method; the header Allow lists those that it knows.")
	codeUnknown = fault.Declare(fault.Invalid, "unknown_parameter", "The call does not know the query parameter.")
	codeCursor  = fault.Declare(fault.Invalid, "bad_cursor", "The cursor is damaged, or belongs to another list or to other filters.")
	codeChanged = fault.Declare(fault.PreconditionFailed, "changed_meanwhile", "The item has changed since the version that the call names.")
	codeThere   = fault.Declare(fault.PreconditionFailed, "there_already", "If-None-Match excludes the present version, or any at all.")
	// CodeMediaType is also for bodies that come by another way than HTTP.
	CodeMediaType = fault.Declare(fault.UnsupportedMedia, "unsupported_media_type", "The call does not take bodies of this content type.")
	codeRate      = fault.Declare(fault.TooMany, "too_many_requests", "More requests came than are taken; Retry-After says when to try again.")
	codeInternal  = fault.Declare(fault.Internal, "internal", "The service failed; its log says why, under the request_id.")
	codeGone      = fault.Declare(fault.Malformed, "given_up", "The client gave the request up; nobody receives this.")
	codeMore      = fault.Declare(fault.Invalid, "more_errors", "There are more reasons than are listed.", fault.Malformed, fault.Conflict, fault.NotFound)
)

// statuses are those of codes that HTTP has a status of its own for.
var statuses = map[*fault.Code][]int{
	wire.CodeBodyTime:    {http.StatusBadRequest, http.StatusRequestTimeout},
	wire.CodeHeader:      {http.StatusRequestHeaderFieldsTooLarge},
	wire.CodeExpectation: {http.StatusExpectationFailed},
	codeMethod:           {http.StatusMethodNotAllowed},
	codeGone:             {statusClientClosed},
}

// StatusesOf lists the statuses of the answers that may hold a reason with this code.
func StatusesOf(code *fault.Code) []int {
	if own, ok := statuses[code]; ok {
		return own
	}
	list := []int{StatusOf(fault.New(code, ""))}
	for _, kind := range code.Others {
		list = append(list, kindStatus[kind])
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// generalCode is for problems without a reason that says more: those that huma and gin make by themselves.
func generalCode(status int) *fault.Code {
	switch status {
	case http.StatusNotFound:
		return codeNoRoute
	case http.StatusMethodNotAllowed:
		return codeMethod
	case http.StatusRequestTimeout:
		return wire.CodeBodyTime
	case http.StatusRequestEntityTooLarge:
		return CodeTooLarge
	case http.StatusUnsupportedMediaType:
		return CodeMediaType
	case http.StatusUnprocessableEntity:
		return fault.CodeInvalid
	case http.StatusTooManyRequests:
		return codeRate
	case http.StatusServiceUnavailable:
		return fault.CodeUnavailable
	case statusClientClosed:
		return codeGone
	}
	if status < http.StatusInternalServerError {
		return wire.CodeMalformed
	}
	return codeInternal
}

// Code is the name of a fault.Code in an answer; the OpenAPI document lists those that the service knows.
type Code string

// Schema implements huma.SchemaProvider.
func (Code) Schema(huma.Registry) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString, Description: "What is wrong, for programs; docs/errors.md says what each code means"}
	for _, code := range fault.Codes() {
		s.Enum = append(s.Enum, code.Name)
	}
	return s
}

// CodeTooLarge is for operations that bound their bodies themselves.
var CodeTooLarge = wire.CodeTooLarge

// validatorCodes are the codes of the messages of huma's validator, which are its formats.
var validatorCodes = map[string]*fault.Code{
	validation.MsgUnexpectedProperty:                 fault.CodeUnknownField,
	validation.MsgExpectedRFC3339DateTime:            fault.CodeBadFormat,
	validation.MsgExpectedRFC1123DateTime:            fault.CodeBadFormat,
	validation.MsgExpectedRFC3339Date:                fault.CodeBadFormat,
	validation.MsgExpectedRFC3339Time:                fault.CodeBadFormat,
	validation.MsgExpectedRFC5322Email:               fault.CodeBadFormat,
	validation.MsgExpectedRFC5890Hostname:            fault.CodeBadFormat,
	validation.MsgExpectedRFC2673IPv4:                fault.CodeBadFormat,
	validation.MsgExpectedRFC2373IPv6:                fault.CodeBadFormat,
	validation.MsgExpectedRFCIPAddr:                  fault.CodeBadFormat,
	validation.MsgExpectedRFC3986URI:                 fault.CodeBadFormat,
	validation.MsgExpectedRFC4122UUID:                fault.CodeBadFormat,
	validation.MsgExpectedRFC6570URITemplate:         fault.CodeBadFormat,
	validation.MsgExpectedRFC6901JSONPointer:         fault.CodeBadFormat,
	validation.MsgExpectedRFC6901RelativeJSONPointer: fault.CodeBadFormat,
	validation.MsgExpectedRegexp:                     fault.CodeBadFormat,
	validation.MsgExpectedMatchAtLeastOneSchema:      fault.CodeNoMatch,
	validation.MsgExpectedMatchExactlyOneSchema:      fault.CodeNoMatch,
	validation.MsgExpectedNotMatchSchema:             fault.CodeExcluded,
	validation.MsgExpectedPropertyNameInObject:       fault.CodeUnknownField,
	validation.MsgExpectedBoolean:                    fault.CodeWrongType,
	validation.MsgExpectedDuration:                   fault.CodeBadFormat,
	validation.MsgExpectedNumber:                     fault.CodeWrongType,
	validation.MsgExpectedInteger:                    fault.CodeWrongType,
	validation.MsgExpectedString:                     fault.CodeWrongType,
	validation.MsgExpectedBase64String:               fault.CodeBadFormat,
	validation.MsgExpectedArray:                      fault.CodeWrongType,
	validation.MsgExpectedObject:                     fault.CodeWrongType,
	validation.MsgExpectedArrayItemsUnique:           fault.CodeDuplicates,
	validation.MsgExpectedOneOf:                      fault.CodeNotOneOf,
	validation.MsgExpectedConst:                      fault.CodeNotOneOf,
	validation.MsgExpectedMinimumNumber:              fault.CodeBelow,
	validation.MsgExpectedExclusiveMinimumNumber:     fault.CodeBelow,
	validation.MsgExpectedMaximumNumber:              fault.CodeAbove,
	validation.MsgExpectedExclusiveMaximumNumber:     fault.CodeAbove,
	validation.MsgExpectedNumberBeMultipleOf:         fault.CodeNotMultiple,
	validation.MsgExpectedMinLength:                  fault.CodeTooShort,
	validation.MsgExpectedMaxLength:                  fault.CodeTooLong,
	validation.MsgExpectedBePattern:                  fault.CodeBadFormat,
	validation.MsgExpectedMatchPattern:               fault.CodeBadFormat,
	validation.MsgExpectedMinItems:                   fault.CodeTooFew,
	validation.MsgExpectedMaxItems:                   fault.CodeTooMany,
	validation.MsgExpectedMinProperties:              fault.CodeTooFew,
	validation.MsgExpectedMaxProperties:              fault.CodeTooMany,
	validation.MsgExpectedRequiredProperty:           fault.CodeRequired,
	validation.MsgExpectedDependentRequiredProperty:  fault.CodeRequired,
	// Those that huma has no names for.
	"required path parameter is missing":                              fault.CodeRequired,
	"required query parameter is missing":                             fault.CodeRequired,
	"required header parameter is missing":                            fault.CodeRequired,
	"expected value to match exactly one schema but matched multiple": fault.CodeNoMatch,
	"invalid integer":   fault.CodeWrongType,
	"invalid float":     fault.CodeWrongType,
	"invalid boolean":   fault.CodeWrongType,
	"invalid date/time": fault.CodeBadFormat,
	"invalid value":     fault.CodeWrongType,
	"invalid JSON":      fault.CodeNotJSON,
}

// codeMark stands around the code at the start of a message on its way through huma, which keeps only texts. No
// message of its own holds one.
const codeMark = "\x01"

// marked puts the code of a message's format in front of it, when there is one.
func marked(format, message string) string {
	if code := validatorCodes[format]; code != nil && format != message {
		return codeMark + code.Name + codeMark + message
	}
	return message
}

// unmarked is the inverse of marked, and finds the codes of messages that are their own format.
func unmarked(message string) (code *fault.Code, text string) {
	if rest, ok := strings.CutPrefix(message, codeMark); ok {
		name, text, _ := strings.Cut(rest, codeMark)
		return fault.CodeOf(name), text
	}
	if code = validatorCodes[message]; code != nil {
		return code, message
	}
	return fault.CodeInvalid, message
}

package tracebody

import "nms.example/common/fault"

var (
	codeFinite = fault.Declare(fault.Invalid, "not_finite", "The number is not finite (NaN, Infinity), or larger than any value can be.")
	codeTooOld = fault.Declare(fault.Invalid, "too_old", "The time lies before the window in which traces are accepted.")
	codeExpire = fault.Declare(fault.Invalid, "past_retention", "The time lies before what is kept: the trace would be removed at once.")
	codeFuture = fault.Declare(fault.Invalid, "in_future", "The time lies too far in the future.")
	codePoints = fault.Declare(fault.Invalid, "wrong_count", "The number is not that of the values.")
	codeSpan   = fault.Declare(fault.Invalid, "wrong_grid", "Start, stop, step and the number of values do not fit each other.")
	codeMeta   = fault.Declare(fault.Invalid, "meta_too_large", "meta and the fields that are not known take more room together than a trace has for them.")
	codeDeep   = fault.Declare(fault.Invalid, "nests_too_deep", "Objects and lists nest too deep.")
	// CodeUnmeasured says that there are missing values alone.
	CodeUnmeasured = fault.Declare(fault.Invalid, "nothing_measured", "There are missing values alone.")
)

// codes are those of the messages; every one has its own.
var codes = map[string]*fault.Code{
	msgRequired:   fault.CodeRequired,
	msgRepeated:   fault.CodeRepeated,
	msgGUID:       fault.CodeBadFormat,
	msgWhole:      fault.CodeWrongType,
	msgFrequency:  fault.CodeOutOfRange,
	msgNumber:     fault.CodeWrongType,
	msgFinite:     codeFinite,
	msgPower:      fault.CodeOutOfRange,
	msgArray:      fault.CodeWrongType,
	msgObject:     fault.CodeWrongType,
	msgTime:       fault.CodeBadFormat,
	msgNoOffset:   fault.CodeNoOffset,
	msgTooOld:     codeTooOld,
	msgExpired:    codeExpire,
	msgAhead:      codeFuture,
	msgStep:       fault.CodeBelow,
	msgStop:       fault.CodeWrongOrder,
	msgPoints:     codePoints,
	msgSpan:       codeSpan,
	msgNoValues:   fault.CodeTooFew,
	msgLat:        fault.CodeOutOfRange,
	msgLng:        fault.CodeOutOfRange,
	msgManyPoints: fault.CodeTooMany,
	msgNoise:      fault.CodeOutOfRange,
	msgNoPower:    fault.CodeWrongType,
	msgInfinite:   codeFinite,
	msgTimeComma:  fault.CodeBadFormat,
	msgUnmeasured: CodeUnmeasured,
	msgAlt:        fault.CodeOutOfRange,
	msgText:       fault.CodeWrongType,
	msgLabel:      fault.CodeCharacters,
	msgSource:     fault.CodeLength,
	msgAntenna:    fault.CodeLength,
	msgEquipment:  fault.CodeOutOfRange,
	msgBandwidth:  fault.CodeOutOfRange,
	msgSweep:      fault.CodeOutOfRange,
	msgDB:         fault.CodeOutOfRange,
	msgAzimuth:    fault.CodeOutOfRange,
	msgFlag:       fault.CodeWrongType,
	msgMeta:       codeMeta,
	msgMetaTwice:  fault.CodeRepeated,
	msgMetaText:   fault.CodeNotUTF8,
	msgMetaDepth:  codeDeep,
	msgUnit:       fault.CodeNotOneOf,
	msgDetector:   fault.CodeNotOneOf,
	msgTraceMode:  fault.CodeNotOneOf,
}

// detail is the reason that a message says, at a place.
func detail(place fault.Place, message string) fault.Detail {
	return fault.NewDetail(place, codes[message], message)
}

package fault

// Codes of what can be wrong with any value.
var (
	CodeInvalid = Declare(Invalid, "invalid", "The value cannot be taken.")
	// CodeRequired also stands in refusals of bodies that are missing as a whole, and of forms (RFC 6749).
	CodeRequired     = Declare(Invalid, "required", "The value is missing.", Malformed)
	CodeNotNull      = Declare(Invalid, "not_null", "The value must not be null.")
	CodeNotAllowed   = Declare(Invalid, "not_allowed", "The value must not be given here.")
	CodeRepeated     = Declare(Invalid, "repeated", "The value is given more than once.", Malformed)
	CodeWrongType    = Declare(Invalid, "wrong_type", "The value is of another JSON type than it should be: a text for a number, a fraction for a whole number.")
	CodeBadFormat    = Declare(Invalid, "bad_format", "The text does not have the form that it should: a time, an address, a UUID, a pattern.")
	CodeNoOffset     = Declare(Invalid, "offset_required", "The time must carry its offset from UTC.")
	CodeNotOneOf     = Declare(Invalid, "not_one_of", "The value is none of those that are known.")
	CodeTooShort     = Declare(Invalid, "too_short", "The text has too few characters.")
	CodeTooLong      = Declare(Invalid, "too_long", "The text has too many characters.")
	CodeLength       = Declare(Invalid, "bad_length", "The text has too few or too many characters.")
	CodeBelow        = Declare(Invalid, "below_minimum", "The number is too small.")
	CodeAbove        = Declare(Invalid, "above_maximum", "The number is too large.")
	CodeOutOfRange   = Declare(Invalid, "out_of_range", "The number or the time lies outside its bounds.")
	CodeNotMultiple  = Declare(Invalid, "not_a_multiple", "The number is not a multiple of what it should be.")
	CodeTooFew       = Declare(Invalid, "too_few", "The list or the object has too few members.")
	CodeTooMany      = Declare(Invalid, "too_many", "The list or the object has too many members.")
	CodeDuplicates   = Declare(Invalid, "duplicates", "Two members of the list are equal.")
	CodeNoMatch      = Declare(Invalid, "no_match", "The value fits none of the alternatives, or more than one of those that exclude each other.")
	CodeExcluded     = Declare(Invalid, "excluded", "The value is one that is excluded.")
	CodeUnknownField = Declare(Invalid, "unknown_field", "The object has a member that is not known.")
	CodeWrongOrder   = Declare(Invalid, "wrong_order", "Of two values that bound a range, the upper lies below the lower.")
	CodeNotJSON      = Declare(Malformed, "not_json", "The body is not valid JSON, or goes on after its value.", Invalid)
	CodeNotUTF8      = Declare(Invalid, "not_utf8", "The text is not valid UTF-8.", Malformed)
	CodeCharacters   = Declare(Invalid, "forbidden_characters", "The text begins or ends with blanks, or holds NUL, control or invisible characters.", Malformed)
	CodeContradicts  = Declare(Invalid, "contradiction", "Two values say different things about the same.")
	CodeTooDeep      = Declare(Invalid, "page_too_deep", "The page lies too deep; its cursor reaches it.")
)

// Codes of what the present state of the data refuses.
var (
	CodeNotFound         = Declare(NotFound, "not_found", "There is no such item, or it is archived.")
	CodeNameTaken        = Declare(Conflict, "name_taken", "Another item at this place has the name.")
	CodeReferenceMissing = Declare(Conflict, "reference_missing", "The item that the value names does not exist or is archived.", Invalid)
	CodeInUse            = Declare(Conflict, "in_use", "Other items refer to the item.")
	CodeArchived         = Declare(Conflict, "archived", "The item is archived.")
	CodeGUIDTaken        = Declare(Conflict, "guid_taken", "The guid belongs to something with other content.")
)

// Codes of what is refused for now.
var (
	CodeUnavailable = Declare(Unavailable, "unavailable", "Something that the call needs does not work at present; Retry-After says when to try again.")
	CodeBusy        = Declare(Unavailable, "busy", "Other calls got in the way, or more is to be done than can be taken; Retry-After says when to try again.")
	CodeTimeout     = Declare(Unavailable, "timeout", "The call took longer than it may.")
	CodeStopping    = Declare(Unavailable, "stopping", "This instance is stopping; another one takes the call.")
	CodeAttempts    = Declare(TooMany, "too_many_attempts", "Too many wrong passwords; Retry-After says when to try again.")
)

package authn

import "nms.example/common/fault"

// Codes of calls whose caller is not known or may not do what they ask for.
var (
	codeCredentials    = fault.Declare(fault.Unauthenticated, "credentials_required", "The call needs an access token or an API key.")
	codeBadToken       = fault.Declare(fault.Unauthenticated, "token_invalid", "The access token is not one of this system's.")
	codeExpired        = fault.Declare(fault.Unauthenticated, "token_expired", "The access token has expired; a refresh gets the next one.")
	codeRevoked        = fault.Declare(fault.Unauthenticated, "token_revoked", "The access token was revoked: its session has ended, or its user was changed or blocked.")
	codeBadKey         = fault.Declare(fault.Unauthenticated, "api_key_invalid", "The API key is unknown, has ended, or is not allowed from this address.")
	codeForbidden      = fault.Declare(fault.Forbidden, "forbidden", "The caller lacks the permission that the call needs.")
	codeChangePassword = fault.Declare(fault.Forbidden, "password_change_required", "The user must change the password before anything else.")
)

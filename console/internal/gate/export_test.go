package gate

import "nms.example/common/config"

// Aged returns a cookie whose access token is to be renewed before it is used.
func Aged(key, cookie string) (string, error) {
	s, err := newSealer(config.NewSecret(key))
	if err != nil {
		return "", err
	}
	t, err := s.open(cookie)
	if err != nil {
		return "", err
	}
	t.Ends = 0
	return s.seal(t)
}

// Tokens opens a cookie.
func Tokens(key, cookie string) (access, refresh string, err error) {
	s, err := newSealer(config.NewSecret(key))
	if err != nil {
		return "", "", err
	}
	t, err := s.open(cookie)
	return t.Access, t.Refresh, err
}

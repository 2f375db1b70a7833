package post

import (
	"errors"
	"net/http"
)

// Auth proves who sends a request, in one of two ways or, as the zero value,
// not at all. Secrets are functions, called at each use, so that a changed file
// counts at once.
type Auth struct {
	// Credentials, if not nil, are sent as "Authorization: Bearer …"; Username
	// and Password, if not empty, as basic authentication. Not both.
	Credentials func() (string, error)
	Username    string
	Password    func() (string, error)
}

// Used reports whether requests get an Authorization header.
func (a *Auth) Used() bool { return a.Credentials != nil || a.Username != "" }

// Check refuses what is not one way.
func (a *Auth) Check() error {
	switch {
	case a.Credentials != nil && a.Username != "":
		return errors.New("authorization and basic_auth exclude each other")
	case a.Username != "" && a.Password == nil:
		return errors.New("basic_auth without password or password_file")
	}
	return nil
}

// Set adds the Authorization header and returns the secret in it, "" for none.
func (a *Auth) Set(req *http.Request) (secret string, err error) {
	switch {
	case a.Credentials != nil:
		if secret, err = a.Credentials(); err == nil {
			req.Header.Set("Authorization", "Bearer "+secret)
		}
	case a.Username != "":
		if secret, err = a.Password(); err == nil {
			req.SetBasicAuth(a.Username, secret)
		}
	}
	return secret, err
}

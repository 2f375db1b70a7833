package tlsopt

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

// Options are the keys of a tls_config. The zero value is the system's roots.
type Options struct {
	CAFile             string // PEM; instead of the system's roots
	CertFile           string // PEM; our own certificate, with KeyFile
	KeyFile            string
	ServerName         string // to verify, "" for the name that is dialled
	InsecureSkipVerify bool   // the far end may be anybody
}

// Config reads the files. Errors name the file and what is wrong with it.
func (o Options) Config() (*tls.Config, error) {
	c := &tls.Config{
		MinVersion:         tls.VersionTLS12,
		ServerName:         o.ServerName,
		InsecureSkipVerify: o.InsecureSkipVerify, // the operator's own choice
	}
	if o.CAFile != "" {
		pem, err := os.ReadFile(o.CAFile)
		if err != nil {
			return nil, fmt.Errorf("ca_file: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("ca_file: %s holds no certificate in PEM form", o.CAFile)
		}
	}
	if (o.CertFile == "") != (o.KeyFile == "") {
		return nil, fmt.Errorf("cert_file and key_file: one without the other")
	}
	if o.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(o.CertFile, o.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("cert_file %s, key_file %s: %w", o.CertFile, o.KeyFile, err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}

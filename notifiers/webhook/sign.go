package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Headers of Standard Webhooks.
const (
	headerID        = "webhook-id"
	headerTimestamp = "webhook-timestamp"
	headerSignature = "webhook-signature"
)

// Bounds of a key, in bytes, as Standard Webhooks has them.
const minKey, maxKey = 24, 64

var errKey = errors.New("a signing secret must be whsec_ and the base64 of 24 to 64 random bytes: " +
	"`echo whsec_$(openssl rand -base64 32)` makes one")

// sign adds the headers of Standard Webhooks: the id, the time, and a signature
// of both and the body for each secret, so that a receiver that knows the old or
// the new one can check it. It returns the secrets.
func sign(h http.Header, id string, now time.Time, body []byte, from []func() (string, error)) ([]string, error) {
	stamp := strconv.FormatInt(now.Unix(), 10)
	h.Set(headerID, id)
	h.Set(headerTimestamp, stamp)
	var secrets, signatures []string
	for _, read := range from {
		secret, err := read()
		if err != nil {
			return secrets, err
		}
		secrets = append(secrets, secret)
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		if err != nil || len(key) < minKey || len(key) > maxKey {
			return secrets, errKey
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + stamp + "."))
		mac.Write(body)
		signatures = append(signatures, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	if len(signatures) > 0 {
		h.Set(headerSignature, strings.Join(signatures, " "))
	}
	return secrets, nil
}

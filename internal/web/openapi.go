package web

import (
	_ "embed"
	"net/http"
)

// openAPI describes the API. docs/openapi.json is the same file.
//
//go:embed openapi.json
var openAPI []byte

// OpenAPI returns the document, for whoever holds answers against it. It must
// not be modified.
func OpenAPI() []byte { return openAPI }

func serveOpenAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Write(openAPI)
}

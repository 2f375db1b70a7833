package web

import (
	_ "embed"
	"net/http"
)

// openAPI describes the API. docs/openapi.json is the same file.
//
//go:embed openapi.json
var openAPI []byte

func serveOpenAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Write(openAPI)
}

# What people do here. `make` lists it.

.PHONY: help build test race lint fmt generate fuzz nightly bench demo ci

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

build: ## build ./qmpalert, one static binary
	CGO_ENABLED=0 go build -trimpath -o qmpalert ./cmd/qmpalert

test: ## run all tests; installs QEMU and a mail server if they are missing
	.ci/test

race: ## the same with the race detector
	.ci/test -race

lint: ## go vet and staticcheck
	go vet ./...
	go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...

fmt: ## format all Go files
	gofmt -w $$(git ls-files '*.go' ':!*/testdata/*')

generate: ## write the generated code anew: the events of QMP, from qmp/events.json
	go generate ./...

fuzz: ## fuzz one target: make fuzz PKG=./qmp NAME=FuzzDecoder
	go test -run '^$$' -fuzz '^$(NAME)$$' $(PKG)

nightly: ## 10,000 random scenarios for each kind of rule, bugs planted into the engine, 500 deaths
	go test ./engine -run Property -rapid.checks=10000 -timeout 2h
	go test ./engine -tags mutants -run Mutants -timeout 2h
	go test ./internal/crashtest -run Killed -kills 500 -v -timeout 2h

bench: ## run all benchmarks, then print the ratios of docs/performance.md
	go test -run '^$$' -bench . -benchmem ./...
	go run ./bench

demo: ## see it work
	go run ./cmd/qmpalert demo

ci: ## everything that continuous integration checks
	.ci/run

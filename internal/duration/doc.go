// Package duration reads and writes durations as Prometheus spells them: 30s,
// 1h30m, 1d, 500ms.
//
// In goes text, out comes a time.Duration between 0 and ten years, or an error
// that says what a duration looks like. Unlike Go's own form it has days,
// weeks and years (of 24 hours, 7 and 365 days), and no fractions.
//
// The grammar is that of ParseDuration in github.com/prometheus/common/model,
// written again because that package brings Protocol Buffers with it.
package duration

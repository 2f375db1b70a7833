package replay

import "testing"

// BenchmarkRun replays 5,311 events, a storm of one kind, through one rule that
// matches all of them and never fires.
func BenchmarkRun(b *testing.B) {
	set := parse(b, `
groups:
  - name: g
    rules:
      - alert: Storm
        event: BLOCK_JOB_ERROR
        by: [device]
        count: 10000
        within: 1m
`)
	paths := []string{"../../examples/recordings/job_error_storm/store-06.ndjson"}
	b.ReportAllocs()
	events := 0
	for b.Loop() {
		result, err := Run(b.Context(), set, paths, Options{})
		if err != nil {
			b.Fatal(err)
		}
		for _, n := range result.Files[0].Events {
			events += n
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(events), "ns/event")
}

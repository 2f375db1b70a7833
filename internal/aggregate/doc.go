// Package aggregate has the accumulators behind the aggregates of `having`:
// each takes the argument of one match after the other, forgets the oldest, and
// has the value of its aggregate over those in between at hand at any time.
package aggregate

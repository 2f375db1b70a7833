// Package aggregate has the accumulators behind the aggregates of `having`:
// each takes the argument of one match after the other, forgets the oldest, and
// has the value of its aggregate over those in between at hand at any time.
//
// In: the values that lang.Aggregate.Arg gives, nil included. Out: a value. It
// knows neither events nor times, and never walks the window: Push and Pop take
// constant time on average, that of percentile the time to move some kilobytes,
// and a window that stays as long as it is allocates nothing, but once for each
// text that was not in it.
//
// # What exactly they give
//
// A match whose argument is nil, or of a kind that the aggregate is not about,
// is skipped: it takes part in nothing but Pop. Over nothing count, countif,
// distinct, changes and rate are 0, first_seen is false and all others are nil.
//
//   - count: the matches, as int. rate: count divided by the seconds of within,
//     one division of floats.
//   - countif: those whose argument is true.
//   - distinct: the different values, as the operator == tells them apart: 1 and
//     1.0 are one, the order of an object's members does not matter.
//   - sum, avg, stddev: of numbers. The sum is exact, whatever was added and
//     removed: a sum of whole numbers is one (above 2^64-1 and below -2^63 the
//     nearest float), with a float among them it is the float that is nearest to
//     the true sum. avg is the float nearest to the true mean, stddev that nearest
//     to the true standard deviation of the population. What is beyond the largest
//     float is nil.
//   - min, max: of numbers, strings (by byte), times and spans. Where a window has
//     several of these kinds, which only members of unknown type can do, every
//     number is below every string, these below every time, these below every
//     span: an order of the window's first value would change when that leaves.
//     Of equal ones (1 and 1.0) it is the oldest.
//   - first, last: that of the oldest and newest match that has one.
//   - percentile: of numbers, as floats. As quantile_over_time of Prometheus: of
//     the sorted values v, with r = p/100*(n-1), i = floor(r) and w = r-i, it is
//     v[i]*(1-w) + v[i+1]*w, each product and the sum rounded; where v[i] and
//     v[i+1] are equal or w is 0, it is v[i] itself.
//   - changes: how often a value differs from the one before it, as == tells.
//   - first_seen: whether the newest match has a value, and no other match in the
//     window the same.
package aggregate

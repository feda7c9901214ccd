// Order statistics only: on a shared machine a mean says how busy the neighbours were.

/** The middle value; of an even number of values, the mean of the middle two. */
export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort()
  const upper = sorted[sorted.length >> 1]
  const lower = sorted[(sorted.length - 1) >> 1]
  if (upper === undefined || lower === undefined) throw new Error('median: expected values, got 0')
  return (lower + upper) / 2
}

/**
 * The median of value / reference, each pair from one round. What slows a whole round down (a busy neighbour, a
 * lower clock) divides out, which it does not in the ratio of two medians.
 */
export function pairedRatio(values: readonly number[], reference: readonly number[]): number {
  if (values.length !== reference.length) {
    throw new Error(`pairedRatio: expected ${reference.length} values, got ${values.length}`)
  }
  return median(values.map((value, round) => value / (reference[round] ?? Number.NaN)))
}

/** `items` turned by `by` places: over the rounds, everyone has been at every place of the order. */
export function rotate<T>(items: readonly T[], by: number): T[] {
  const start = by % Math.max(1, items.length)
  return [...items.slice(start), ...items.slice(0, start)]
}

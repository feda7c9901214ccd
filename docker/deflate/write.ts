// Blocks with codes of their own as bits: RFC 1951, sections 3.1.1 and 3.2.7.
import { codeLengths, codesOf } from './huffman.ts'
import type { Counts, Path } from './path.ts'
import {
  DISTANCE_SYMBOL,
  DISTANCES,
  END_OF_BLOCK,
  LENGTH_SYMBOL,
  lengthBase,
  lengthExtra,
} from './symbols.ts'

const DYNAMIC = 2
/** The order in which the lengths of the code for lengths are written. */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

export class BitWriter {
  #bytes = new Uint8Array(1 << 20)
  #count = 0
  #pending = 0
  #pendingBits = 0

  /** At most 16 bits, the lowest first. */
  write(value: number, bits: number): void {
    this.#pending |= value << this.#pendingBits
    this.#pendingBits += bits
    if (this.#count + 4 > this.#bytes.length) this.#grow()
    while (this.#pendingBits >= 8) {
      this.#bytes[this.#count++] = this.#pending
      this.#pending >>>= 8
      this.#pendingBits -= 8
    }
  }

  /** What was written, filled to a whole byte. */
  finish(): Uint8Array {
    if (this.#pendingBits > 0) this.write(0, 8 - this.#pendingBits)
    return this.#bytes.slice(0, this.#count)
  }

  #grow(): void {
    const larger = new Uint8Array(2 * this.#bytes.length)
    larger.set(this.#bytes)
    this.#bytes = larger
  }
}

/** Writes `block` by `path`, whose symbols were counted. */
export function writeBlock(
  out: BitWriter,
  block: Uint8Array,
  path: Path,
  counts: Counts,
  isLast: boolean,
): void {
  out.write(isLast ? 1 : 0, 1)
  out.write(DYNAMIC, 2)
  const literals = codeLengths(counts.literals, 15)
  const distances = codeLengths(counts.distances, 15)
  writeLengths(out, literals, distances)
  const codes = codesOf(literals)
  const distanceCodes = codesOf(distances)
  const put = (symbol: number) => out.write(codes[symbol] as number, literals[symbol] as number)
  for (let at = 0; at < block.length; ) {
    const step = path.steps[at] as number
    const length = step >>> 16
    at += length
    if (length === 1) {
      put(block[at - 1] as number)
      continue
    }
    const symbol = LENGTH_SYMBOL[length] as number
    put(symbol)
    out.write(length - lengthBase(symbol), lengthExtra(symbol))
    const distance = step & 0xffff
    const slot = DISTANCE_SYMBOL[distance] as number
    out.write(distanceCodes[slot] as number, distances[slot] as number)
    out.write(distance - (DISTANCES.bases[slot] as number), DISTANCES.extraBits[slot] as number)
  }
  put(END_OF_BLOCK)
}

/** Both codes by the lengths of their codes, which are compressed in turn. */
function writeLengths(out: BitWriter, literals: Uint8Array, distances: Uint8Array): void {
  const literalCount = Math.max(257, literals.findLastIndex(each => each > 0) + 1)
  const distanceCount = Math.max(1, distances.findLastIndex(each => each > 0) + 1)
  const runs = findRuns([
    ...literals.subarray(0, literalCount),
    ...distances.subarray(0, distanceCount),
  ])
  const counts = new Uint32Array(19)
  for (const { symbol } of runs) counts[symbol] = (counts[symbol] ?? 0) + 1
  const lengths = codeLengths(counts, 7)
  const codes = codesOf(lengths)
  const used = Math.max(4, ORDER.findLastIndex(each => (lengths[each] ?? 0) > 0) + 1)
  out.write(literalCount - 257, 5)
  out.write(distanceCount - 1, 5)
  out.write(used - 4, 4)
  for (const symbol of ORDER.slice(0, used)) out.write(lengths[symbol] ?? 0, 3)
  for (const { symbol, extra, extraBits } of runs) {
    out.write(codes[symbol] ?? 0, lengths[symbol] ?? 0)
    out.write(extra, extraBits)
  }
}

interface Run {
  readonly symbol: number
  readonly extra: number
  readonly extraBits: number
}

/** A symbol that stands for so many equal lengths, and how many bits tell how many. */
const REPEATS = {
  before: [{ symbol: 16, least: 3, extraBits: 2 }],
  zeros: [
    { symbol: 18, least: 11, extraBits: 7 },
    { symbol: 17, least: 3, extraBits: 3 },
  ],
} as const

function findRuns(lengths: readonly number[]): Run[] {
  const runs: Run[] = []
  for (let at = 0; at < lengths.length; ) {
    const length = lengths[at] ?? 0
    const next = lengths.findIndex((each, index) => index > at && each !== length)
    const end = next === -1 ? lengths.length : next
    runs.push(...writeRun(length, end - at))
    at = end
  }
  return runs
}

/** `count` times the same length. */
function writeRun(length: number, count: number): Run[] {
  const runs: Run[] = []
  const single = { symbol: length, extra: 0, extraBits: 0 }
  let left = count
  if (length > 0) {
    runs.push(single)
    left--
  }
  for (const { symbol, least, extraBits } of length > 0 ? REPEATS.before : REPEATS.zeros)
    while (left >= least) {
      const taken = Math.min(left, least + 2 ** extraBits - 1)
      runs.push({ symbol, extra: taken - least, extraBits })
      left -= taken
    }
  for (; left > 0; left--) runs.push(single)
  return runs
}

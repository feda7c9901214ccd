// Finds where the bytes at a place stood before. For each length that can be had the nearest place is kept: near ones cost
// fewer bits.
import { LONGEST, SHORTEST, WINDOW } from './symbols.ts'

const HASH_BITS = 16
const MASK = WINDOW - 1
/** Places that are looked at for one. */
const MOST_PLACES = 128
/** A match that is long enough to be taken at once. */
export const LONG = 130
/** A match of three bytes from further away costs more than the three bytes. */
const NEAR_ENOUGH_FOR_THREE = 32768

/** Matches of a block's places, in rising length. */
export class Matches {
  readonly lengths: Uint16Array
  readonly distances: Uint16Array
  /** By place in the block: where its matches begin. */
  readonly starts: Int32Array
  #count = 0
  #places = 0

  constructor(mostPlaces: number) {
    // A place has 5 matches or fewer on average in what is compressed here; a block ends early when there are more.
    this.lengths = new Uint16Array(mostPlaces * 8 + LONGEST)
    this.distances = new Uint16Array(this.lengths.length)
    this.starts = new Int32Array(mostPlaces + 1)
  }

  get places(): number {
    return this.#places
  }

  get isFull(): boolean {
    return this.#places === this.starts.length - 1 || this.#count + LONGEST > this.lengths.length
  }

  add(length: number, distance: number): void {
    this.lengths[this.#count] = length
    this.distances[this.#count] = distance
    this.#count++
  }

  endPlace(): void {
    this.#places++
    this.starts[this.#places] = this.#count
  }

  clear(): void {
    this.#count = 0
    this.#places = 0
  }
}

export class MatchFinder {
  readonly #bytes: Uint8Array
  readonly #heads = new Int32Array(1 << HASH_BITS).fill(-1)
  readonly #headsOfThree = new Int32Array(1 << HASH_BITS).fill(-1)
  readonly #before = new Int32Array(WINDOW)

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Adds the matches of `at` and makes it known. Answers the longest length, or 0. Places have to be asked for in order. */
  find(at: number, matches: Matches): number {
    const most = Math.min(LONGEST, this.#bytes.length - at)
    if (most <= SHORTEST) return 0
    const distance = at - this.#knowThree(at)
    let longest = SHORTEST - 1
    if (
      distance <= NEAR_ENOUGH_FOR_THREE &&
      this.#lengthOf(at - distance, at, SHORTEST) === SHORTEST
    ) {
      longest = SHORTEST
      matches.add(SHORTEST, distance)
    }
    longest = this.#findLonger(at, most, longest, matches)
    return longest < SHORTEST ? 0 : longest
  }

  #findLonger(at: number, most: number, found: number, matches: Matches): number {
    const bytes = this.#bytes
    let longest = found
    let place = this.#know(at)
    for (let left = MOST_PLACES; left > 0 && place >= 0 && at - place <= WINDOW; left--) {
      if (bytes[place + longest] === bytes[at + longest]) {
        const length = this.#lengthOf(place, at, most)
        if (length > longest) {
          longest = length
          matches.add(length, at - place)
          if (length >= LONG || length === most) break
        }
      }
      const next = this.#before[place & MASK] ?? -1
      // It was overwritten: that one is too far away.
      if (next >= place) break
      place = next
    }
    return longest
  }

  /** Makes a place known that nobody asks for. */
  skip(at: number): void {
    if (this.#bytes.length - at <= SHORTEST) return
    this.#knowThree(at)
    this.#know(at)
  }

  /** Answers where the same four bytes stood last, perhaps. */
  #know(at: number): number {
    const bytes = this.#bytes
    const four =
      (bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24)
    const hash = Math.imul(four, 0x9e3779b1) >>> (32 - HASH_BITS)
    const before = this.#heads[hash] ?? -1
    this.#before[at & MASK] = before
    this.#heads[hash] = at
    return before
  }

  #knowThree(at: number): number {
    const bytes = this.#bytes
    const three =
      ((bytes[at] ?? 0) << 8) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 24)
    const hash = Math.imul(three, 0x9e3779b1) >>> (32 - HASH_BITS)
    const before = this.#headsOfThree[hash] ?? -1
    this.#headsOfThree[hash] = at
    return before < 0 ? -WINDOW : before
  }

  #lengthOf(place: number, at: number, most: number): number {
    const bytes = this.#bytes
    let length = 0
    while (length < most && bytes[place + length] === bytes[at + length]) length++
    return length
  }
}

// Deflate's symbols (RFC 1951, section 3.2.5): a length of 3 to 258 and a distance of 1 to 32768 are a symbol and some more bits.

export const LONGEST = 258
export const SHORTEST = 3
export const WINDOW = 32_768
export const END_OF_BLOCK = 256
/** Literals, the end, and 29 lengths. */
export const LITERAL_SYMBOLS = 286
export const DISTANCE_SYMBOLS = 30
const FIRST_LENGTH = 257

interface Slots {
  /** The smallest value of each slot. */
  readonly bases: readonly number[]
  /** How many more bits each slot has. */
  readonly extraBits: readonly number[]
}

/** Slots get a bit more every `perStep`, after the first `2 * perStep`. */
function makeSlots(count: number, perStep: number, first: number): Slots {
  const extraBits = Array.from({ length: count }, (_, slot) =>
    Math.max(0, Math.floor(slot / perStep) - 1),
  )
  let base = first
  const bases = extraBits.map(bits => {
    const own = base
    base += 1 << bits
    return own
  })
  return { bases, extraBits }
}

function lengthSlots(): Slots {
  const { bases, extraBits } = makeSlots(28, 4, SHORTEST)
  // The longest has a slot of its own, though the one before could say it too.
  return { bases: [...bases, LONGEST], extraBits: [...extraBits, 0] }
}

export const LENGTHS: Slots = lengthSlots()
export const DISTANCES: Slots = makeSlots(DISTANCE_SYMBOLS, 2, 1)

/** By length: its symbol. */
export const LENGTH_SYMBOL: Uint16Array = new Uint16Array(LONGEST + 1)
/** By distance: its symbol. */
export const DISTANCE_SYMBOL: Uint8Array = new Uint8Array(WINDOW + 1)
for (const [slot, base] of LENGTHS.bases.entries()) LENGTH_SYMBOL.fill(FIRST_LENGTH + slot, base)
for (const [slot, base] of DISTANCES.bases.entries()) DISTANCE_SYMBOL.fill(slot, base)

/** More bits of a length's symbol. */
export function lengthExtra(symbol: number): number {
  return LENGTHS.extraBits[symbol - FIRST_LENGTH] ?? 0
}

export function lengthBase(symbol: number): number {
  return LENGTHS.bases[symbol - FIRST_LENGTH] ?? 0
}

// Trace and span ids. `node:crypto` would add 5-8 ms to a cold start, so the ids come from sfc32, a generator with 128
// bits of state that passes PractRand, seeded with 128 bits from the kernel. Two sandboxes give the same ids only if
// their seeds meet on one orbit: at 10^12 sandboxes the chance is below 10^-14. Ids are identifiers, not secrets.
import { closeSync, openSync, readSync } from 'node:fs'

export interface IdSource {
  /** 32 hex digits, never all zero. */
  traceId(): string
  /** 16 hex digits, never all zero. */
  spanId(): string
}

const SEED_BYTES = 16
/** sfc32 needs a few rounds until the seed has reached every bit. */
const WARM_UP_ROUNDS = 15
const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
)

export function createIdSource(seed: Uint32Array = readSeed()): IdSource {
  let [a = 0, b = 0, c = 0, counter = 0] = seed

  function next(): number {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return sum
  }

  function hex8(): string {
    const word = next()
    return `${HEX[word & 0xff]}${HEX[(word >>> 8) & 0xff]}${HEX[(word >>> 16) & 0xff]}${HEX[word >>> 24]}`
  }

  for (let round = 0; round < WARM_UP_ROUNDS; round++) next()
  return {
    // A word of zero is one in 2^32; the last one is set to 1 then, so that the id as a whole is never zero.
    traceId: () => hex8() + hex8() + hex8() + nonZero(hex8()),
    spanId: () => hex8() + nonZero(hex8()),
  }
}

function nonZero(word: string): string {
  return word === '00000000' ? '00000001' : word
}

/** Throws when the kernel gives no random bytes: ids that repeat would be worse than no trace. */
function readSeed(): Uint32Array {
  const seed = new Uint32Array(SEED_BYTES / Uint32Array.BYTES_PER_ELEMENT)
  const file = openSync('/dev/urandom', 'r')
  try {
    if (readSync(file, seed) !== SEED_BYTES)
      throw new Error('/dev/urandom: expected 16 bytes, got fewer')
  } finally {
    closeSync(file)
  }
  return seed
}

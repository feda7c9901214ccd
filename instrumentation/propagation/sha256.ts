// SHA-256 (FIPS 180-4) of short texts. `node:crypto` has it too, and costs a cold start 5-8 ms when it is loaded; a
// pointer or a deterministic id hashes a few hundred bytes, which takes this 3 µs.

const BLOCK_BYTES = 64
const LENGTH_BYTES = 8

/** First 32 bits of the fractional parts of the roots of the first primes: what the standard's constants are. */
function fractions(count: number, root: (prime: number) => number): Uint32Array {
  const words = new Uint32Array(count)
  for (let candidate = 2, found = 0; found < count; candidate++) {
    if (!isPrime(candidate)) continue
    const value = root(candidate)
    words[found++] = (value - Math.floor(value)) * 2 ** 32
  }
  return words
}

function isPrime(number: number): boolean {
  for (let divisor = 2; divisor * divisor <= number; divisor++) {
    if (number % divisor === 0) return false
  }
  return true
}

let constants: { readonly initial: Uint32Array; readonly rounds: Uint32Array } | undefined

/** 64 lower-case hex digits, of the text as UTF-8. */
export function sha256(text: string): string {
  constants ??= { initial: fractions(8, Math.sqrt), rounds: fractions(64, Math.cbrt) }
  const blocks = pad(Buffer.from(text))
  const state = constants.initial.slice()
  const schedule = new Uint32Array(64)
  for (let at = 0; at < blocks.length; at += BLOCK_BYTES) {
    fillSchedule(schedule, blocks, at)
    mixBlock(state, schedule, constants.rounds)
  }
  let hex = ''
  for (const word of state) hex += word.toString(16).padStart(8, '0')
  return hex
}

/** A one bit, zeros, and the length in bits, up to a whole number of blocks. */
function pad(bytes: Buffer): Buffer {
  const length = Math.ceil((bytes.length + 1 + LENGTH_BYTES) / BLOCK_BYTES) * BLOCK_BYTES
  const padded = Buffer.alloc(length)
  bytes.copy(padded)
  padded[bytes.length] = 0x80
  padded.writeUInt32BE(Math.floor(bytes.length / 2 ** 29), length - LENGTH_BYTES)
  padded.writeUInt32BE((bytes.length << 3) >>> 0, length - LENGTH_BYTES / 2)
  return padded
}

function fillSchedule(schedule: Uint32Array, blocks: Buffer, at: number): void {
  for (let i = 0; i < 16; i++) schedule[i] = blocks.readUInt32BE(at + 4 * i)
  for (let i = 16; i < 64; i++) {
    const near = schedule[i - 2] ?? 0
    const far = schedule[i - 15] ?? 0
    const small0 = rotate(far, 7) ^ rotate(far, 18) ^ (far >>> 3)
    const small1 = rotate(near, 17) ^ rotate(near, 19) ^ (near >>> 10)
    schedule[i] = (schedule[i - 16] ?? 0) + small0 + (schedule[i - 7] ?? 0) + small1
  }
}

function mixBlock(state: Uint32Array, schedule: Uint32Array, rounds: Uint32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state
  for (let i = 0; i < 64; i++) {
    const large1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const choice = (e & f) ^ (~e & g)
    const first = (h + large1 + choice + (rounds[i] ?? 0) + (schedule[i] ?? 0)) | 0
    const large0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    const majority = (a & b) ^ (a & c) ^ (b & c)
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + large0 + majority) | 0
  }
  const mixed = [a, b, c, d, e, f, g, h]
  for (const [i, word] of mixed.entries()) state[i] = (state[i] ?? 0) + word
}

const rotate = (word: number, bits: number): number => (word >>> bits) | (word << (32 - bits))

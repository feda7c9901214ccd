// Protocol Buffers' wire format into one growing buffer. https://protobuf.dev/programming-guides/encoding/
//
// Lengths stand before what they measure and are known after it: room for the likely length is left, and the rare
// message whose length needs more or fewer bytes is moved.

const INITIAL_BYTES = 4096
const WIRE_VARINT = 0
const WIRE_FIXED64 = 1
const WIRE_LENGTH = 2
const WIRE_FIXED32 = 5
/** A varint of 32 bits. */
const MAX_VARINT_BYTES = 5
/** Up to here a loop over the characters beats the call into native code. */
const SHORT_TEXT = 40
const TWO_POW_32 = 0x1_0000_0000

/** Field numbers up to 15, whose tag is one byte, are all that OTLP's trace messages use but for one. */
export class ByteWriter {
  #buffer: Buffer = Buffer.allocUnsafe(INITIAL_BYTES)
  #at = 0

  get length(): number {
    return this.#at
  }

  /** The bytes from `start` on, until something is written or forgotten. */
  view(start = 0): Uint8Array {
    return this.#buffer.subarray(start, this.#at)
  }

  /** A copy of the bytes from `start` on. */
  copy(start = 0): Buffer {
    return Buffer.from(this.view(start))
  }

  /** Forgets what was written from `length` on. */
  truncate(length: number): void {
    this.#at = length
  }

  /** Forgets the first `length` bytes. */
  removeFirst(length: number): void {
    this.#buffer.copyWithin(0, length, this.#at)
    this.#at -= length
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#buffer.set(bytes, this.#at)
    this.#at += bytes.length
  }

  uint32(field: number, value: number): void {
    this.#reserve(2 + MAX_VARINT_BYTES)
    this.#tag(field, WIRE_VARINT)
    this.#varint(value >>> 0)
  }

  bool(field: number, value: boolean): void {
    this.uint32(field, value ? 1 : 0)
  }

  /** A whole number within ±2^53, as int64. */
  int64(field: number, value: number): void {
    this.#reserve(12)
    this.#tag(field, WIRE_VARINT)
    let high = Math.floor(value / TWO_POW_32) >>> 0
    let low = (value % TWO_POW_32) >>> 0
    while (high !== 0 || low > 0x7f) {
      this.#buffer[this.#at++] = (low & 0x7f) | 0x80
      low = ((low >>> 7) | (high << 25)) >>> 0
      high >>>= 7
    }
    this.#buffer[this.#at++] = low
  }

  double(field: number, value: number): void {
    this.#reserve(10)
    this.#tag(field, WIRE_FIXED64)
    this.#at = this.#buffer.writeDoubleLE(value, this.#at)
  }

  fixed32(field: number, value: number): void {
    this.#reserve(6)
    this.#tag(field, WIRE_FIXED32)
    this.#at = this.#buffer.writeUInt32LE(value >>> 0, this.#at)
  }

  /** Epoch milliseconds with fractions, as nanoseconds in 64 bits: more than a number can hold, so in two halves. */
  timeNs(field: number, timeMs: number): void {
    const seconds = Math.floor(timeMs / 1000)
    const nanoseconds = Math.round((timeMs - seconds * 1000) * 1e6)
    // seconds * 10^9 in parts of 16 bits; every product stays below 2^53.
    const upper = Math.floor(seconds / 0x1_0000) * 1e9
    const lower = (seconds % 0x1_0000) * 1e9 + nanoseconds
    const low = (upper % 0x1_0000) * 0x1_0000 + lower
    const high = Math.floor(upper / 0x1_0000) + Math.floor(low / TWO_POW_32)
    this.#reserve(10)
    this.#tag(field, WIRE_FIXED64)
    this.#at = this.#buffer.writeUInt32LE(low % TWO_POW_32, this.#at)
    this.#at = this.#buffer.writeUInt32LE(high >>> 0, this.#at)
  }

  /** Bytes given as hex digits: trace and span ids. */
  hex(field: number, digits: string): void {
    const size = digits.length >> 1
    this.#reserve(2 + size)
    this.#tag(field, WIRE_LENGTH)
    this.#buffer[this.#at++] = size
    this.#at += this.#buffer.write(digits, this.#at, size, 'hex')
  }

  string(field: number, text: string): void {
    this.#reserve(2 + MAX_VARINT_BYTES + text.length * 3)
    this.#tag(field, WIRE_LENGTH)
    if (text.length <= SHORT_TEXT && this.#shortAscii(text)) return
    const start = this.#open(text.length > 0x7f ? 2 : 1)
    this.#at += this.#buffer.write(text, this.#at, 'utf8')
    this.end(start, text.length > 0x7f ? 2 : 1)
  }

  /** Begins a nested message whose length will likely need `lengthBytes`; the answer is for `end`. */
  begin(field: number, lengthBytes = 1): number {
    this.#reserve(2 + MAX_VARINT_BYTES)
    this.#tag(field, WIRE_LENGTH)
    return this.#open(lengthBytes)
  }

  end(start: number, lengthBytes = 1): void {
    const size = this.#at - start
    const needed = varintSize(size)
    if (needed !== lengthBytes) {
      this.#reserve(MAX_VARINT_BYTES)
      this.#buffer.copyWithin(start - lengthBytes + needed, start, this.#at)
    }
    this.#at = start - lengthBytes
    this.#varint(size)
    this.#at += size
  }

  #open(lengthBytes: number): number {
    this.#at += lengthBytes
    return this.#at
  }

  /** Writes length and characters if all are ASCII; else nothing. */
  #shortAscii(text: string): boolean {
    const buffer = this.#buffer
    let at = this.#at
    buffer[at++] = text.length
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index)
      if (code > 0x7f) return false
      buffer[at++] = code
    }
    this.#at = at
    return true
  }

  #tag(field: number, wire: number): void {
    const tag = (field << 3) | wire
    if (tag > 0x7f) {
      this.#buffer[this.#at++] = (tag & 0x7f) | 0x80
      this.#buffer[this.#at++] = tag >>> 7
    } else this.#buffer[this.#at++] = tag
  }

  #varint(value: number): void {
    let rest = value
    while (rest > 0x7f) {
      this.#buffer[this.#at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.#buffer[this.#at++] = rest
  }

  #reserve(bytes: number): void {
    const needed = this.#at + bytes
    if (needed <= this.#buffer.length) return
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2))
    this.#buffer.copy(grown, 0, 0, this.#at)
    this.#buffer = grown
  }
}

function varintSize(value: number): number {
  let size = 1
  for (let rest = value >>> 7; rest !== 0; rest >>>= 7) size++
  return size
}

// Protocol Buffers' wire format, read field by field. https://protobuf.dev/programming-guides/encoding/
//
//   for (const reader = new ByteReader(bytes); reader.next(); )
//     if (reader.tag === lengthTag(5)) name = reader.text()
//     else reader.skip()
//
// A field is known by its tag, number and wire type together: one that comes in another type than it should have is
// skipped like an unknown one.

const WIRE_VARINT = 0
const WIRE_FIXED64 = 1
const WIRE_LENGTH = 2
const WIRE_FIXED32 = 5
/** 64 bits in sevens. */
const MAX_VARINT_BYTES = 10

export const varintTag = (field: number): number => (field << 3) | WIRE_VARINT
export const fixed64Tag = (field: number): number => (field << 3) | WIRE_FIXED64
export const lengthTag = (field: number): number => (field << 3) | WIRE_LENGTH
export const fixed32Tag = (field: number): number => (field << 3) | WIRE_FIXED32

/** Bytes that are no message. It never leaves `export/`. */
export class DamagedError extends Error {
  override readonly name = 'DamagedError'
}

/** Every method throws a `DamagedError` instead of reading past the end. */
export class ByteReader {
  /** Number and wire type of the field that `next` found. */
  tag = 0
  /** Where that field begins, its tag included. */
  fieldStart = 0
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Where the next byte is read. */
  get position(): number {
    return this.#at
  }

  /** Goes to the next field; false at the end. Its value is to be read or skipped then. */
  next(): boolean {
    if (this.#at === this.#bytes.length) return false
    this.fieldStart = this.#at
    this.tag = this.uint32()
    if (this.tag >>> 3 === 0) throw new DamagedError('no field has number 0')
    return true
  }

  skip(): void {
    const wire = this.tag & 7
    if (wire === WIRE_VARINT) this.uint32()
    else if (wire === WIRE_FIXED64) this.#take(8)
    else if (wire === WIRE_LENGTH) this.bytes()
    else if (wire === WIRE_FIXED32) this.#take(4)
    // Groups, which no message of OTLP ever had.
    else throw new DamagedError(`wire type ${wire}`)
  }

  /** A varint's low 32 bits: what a field of 32 bits is. */
  uint32(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.#varintByte(shift)
      if (shift < 32) value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
  }

  int64(): bigint {
    let value = 0n
    for (let shift = 0; ; shift += 7) {
      const byte = this.#varintByte(shift)
      value |= BigInt(byte & 0x7f) << BigInt(shift)
      if (byte < 0x80) return BigInt.asIntN(64, value)
    }
  }

  fixed64(): bigint {
    return this.#bytes.readBigUInt64LE(this.#take(8))
  }

  fixed32(): number {
    return this.#bytes.readUInt32LE(this.#take(4))
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#take(8))
  }

  /** Not copied. */
  bytes(): Uint8Array {
    const length = this.uint32()
    const start = this.#take(length)
    return this.#bytes.subarray(start, start + length)
  }

  /** What is no UTF-8 becomes U+FFFD. */
  text(): string {
    const length = this.uint32()
    const start = this.#take(length)
    return this.#bytes.toString('utf8', start, start + length)
  }

  hex(): string {
    const length = this.uint32()
    const start = this.#take(length)
    return this.#bytes.toString('hex', start, start + length)
  }

  #varintByte(shift: number): number {
    if (shift === 7 * MAX_VARINT_BYTES) throw new DamagedError('a varint of more than 10 bytes')
    return this.#bytes[this.#take(1)] as number
  }

  /** Where the next `length` bytes begin; they count as read. */
  #take(length: number): number {
    const start = this.#at
    if (length > this.#bytes.length - start) {
      throw new DamagedError(`expected ${length} bytes, got ${this.#bytes.length - start}`)
    }
    this.#at = start + length
    return start
  }
}

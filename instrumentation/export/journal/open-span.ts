// The two things recovery must know of a span without its end: where it belongs and when it began. Read from the fields
// of the Span message; everything else in it stays the bytes it is.

export interface OpenSpanFacts {
  /** 16 hex digits. */
  readonly parentSpanId: string | undefined
  readonly startMs: number
}

const WIRE_VARINT = 0
const WIRE_FIXED64 = 1
const WIRE_LENGTH = 2
const WIRE_FIXED32 = 5
/** Field number and wire type. */
const PARENT_SPAN_ID = (4 << 3) | WIRE_LENGTH
const START_TIME = (7 << 3) | WIRE_FIXED64

/** `undefined` when it is no message, or has no start. */
export function readOpenSpan(payload: Uint8Array): OpenSpanFacts | undefined {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length)
  let parentSpanId: string | undefined
  let startMs: number | undefined
  let at = 0
  while (at < bytes.length) {
    const tag = readVarint(bytes, at)
    const end = skipValue(bytes, tag.end, tag.value % 8)
    if (end === undefined || end > bytes.length) return undefined
    // Of an id the length is one byte.
    if (tag.value === PARENT_SPAN_ID) parentSpanId = bytes.toString('hex', tag.end + 1, end)
    if (tag.value === START_TIME) startMs = Number(bytes.readBigUInt64LE(tag.end)) / 1e6
    at = end
  }
  return startMs === undefined ? undefined : { parentSpanId, startMs }
}

/** Where the value ends; `undefined` for what no OTLP message has. */
function skipValue(bytes: Buffer, at: number, wire: number): number | undefined {
  if (wire === WIRE_VARINT) return readVarint(bytes, at).end
  if (wire === WIRE_FIXED64) return at + 8
  if (wire === WIRE_FIXED32) return at + 4
  if (wire !== WIRE_LENGTH) return undefined
  const length = readVarint(bytes, at)
  return length.end + length.value
}

function readVarint(bytes: Buffer, start: number): { value: number; end: number } {
  let value = 0
  let factor = 1
  for (let at = start; ; at++, factor *= 128) {
    const byte = bytes[at] ?? 0
    value += (byte & 0x7f) * factor
    if (byte < 0x80) return { value, end: at + 1 }
  }
}

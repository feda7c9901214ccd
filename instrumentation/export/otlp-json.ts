// OTLP's JSON encoding of a batch, out of the protobuf bytes it is held as. https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
// A stand-in until the decoder that Zipkin and X-Ray need is there.
import type { SpanBatch } from './transport.ts'

type Kind = 'text' | 'hex' | 'int' | 'long' | 'double' | 'bool' | 'base64' | Shape | readonly [Kind]
interface Shape {
  readonly [field: number]: readonly [name: string, kind: Kind]
}

const ANY: { -readonly [K in keyof Shape]: Shape[K] } = {
  1: ['stringValue', 'text'],
  2: ['boolValue', 'bool'],
  3: ['intValue', 'long'],
  4: ['doubleValue', 'double'],
  7: ['bytesValue', 'base64'],
}
const KEY_VALUE: Shape = { 1: ['key', 'text'], 2: ['value', ANY] }
ANY[5] = ['arrayValue', { 1: ['values', [ANY]] }]
ANY[6] = ['kvlistValue', { 1: ['values', [KEY_VALUE]] }]
const EVENT: Shape = {
  1: ['timeUnixNano', 'long'],
  2: ['name', 'text'],
  3: ['attributes', [KEY_VALUE]],
  4: ['droppedAttributesCount', 'int'],
}
const LINK: Shape = {
  1: ['traceId', 'hex'],
  2: ['spanId', 'hex'],
  3: ['traceState', 'text'],
  4: ['attributes', [KEY_VALUE]],
  5: ['droppedAttributesCount', 'int'],
  6: ['flags', 'int'],
}
const SPAN: Shape = {
  1: ['traceId', 'hex'],
  2: ['spanId', 'hex'],
  3: ['traceState', 'text'],
  4: ['parentSpanId', 'hex'],
  5: ['name', 'text'],
  6: ['kind', 'int'],
  7: ['startTimeUnixNano', 'long'],
  8: ['endTimeUnixNano', 'long'],
  9: ['attributes', [KEY_VALUE]],
  10: ['droppedAttributesCount', 'int'],
  11: ['events', [EVENT]],
  12: ['droppedEventsCount', 'int'],
  13: ['links', [LINK]],
  14: ['droppedLinksCount', 'int'],
  15: ['status', { 2: ['message', 'text'], 3: ['code', 'int'] }],
  16: ['flags', 'int'],
}
const RESOURCE_SPANS: Shape = { 1: ['resource', { 1: ['attributes', [KEY_VALUE]] }] }
const SCOPE_SPANS: Shape = {
  1: ['scope', { 1: ['name', 'text'], 2: ['version', 'text'] }],
  2: ['spans', [SPAN]],
}

/** An ExportTraceServiceRequest. */
export function encodeJsonRequest({ head, spans }: SpanBatch): string {
  const scope = decode(Buffer.concat([head.scope, spans]), SCOPE_SPANS)
  const resource = decode(Buffer.from(head.resource), RESOURCE_SPANS)
  return JSON.stringify({ resourceSpans: [{ ...resource, scopeSpans: [scope] }] })
}

function decode(bytes: Buffer, shape: Shape): Record<string, unknown> {
  const message: Record<string, unknown> = {}
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at++)
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  const field = (wireType: number): bigint | Buffer => {
    if (wireType === 0) return varint()
    const size = wireType === 2 ? Number(varint()) : wireType === 1 ? 8 : 4
    at += size
    return bytes.subarray(at - size, at)
  }
  while (at < bytes.length) {
    const tag = Number(varint())
    const raw = field(tag & 7)
    const [name, kind] = shape[tag >> 3] ?? ['', 'int']
    const earlier = message[name] as unknown[] | undefined
    message[name] = isList(kind)
      ? [...(earlier ?? []), decodeValue(raw, kind[0])]
      : decodeValue(raw, kind)
  }
  return message
}

function isList(kind: Kind): kind is readonly [Kind] {
  return Array.isArray(kind)
}

function decodeValue(raw: bigint | Buffer, kind: Kind): unknown {
  if (typeof raw === 'bigint') {
    if (kind === 'bool') return raw !== 0n
    return kind === 'long' ? BigInt.asIntN(64, raw).toString() : Number(raw)
  }
  if (kind === 'text') return raw.toString('utf8')
  if (kind === 'hex') return raw.toString('hex')
  if (kind === 'long') return raw.readBigUInt64LE().toString()
  if (kind === 'int') return raw.readUInt32LE()
  if (kind === 'base64') return raw.toString('base64')
  if (kind !== 'double') return decode(raw, kind as Shape)
  const number = raw.readDoubleLE()
  return Number.isFinite(number) ? number : String(number)
}

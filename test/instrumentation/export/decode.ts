// Bytes read back by the code that OpenTelemetry generated from its .proto files, and spans to be written.
import root from '@opentelemetry/otlp-transformer/build/src/generated/root.js'
import { ByteWriter } from '../../../instrumentation/export/byte-writer.ts'
import { encodeSpan } from '../../../instrumentation/export/otlp-encoder.ts'
import type { AttributeValue } from '../../../instrumentation/trace/attributes.ts'
import { Span, type SpanInit } from '../../../instrumentation/trace/span.ts'
import { SPAN_KIND_INTERNAL } from '../../../instrumentation/trace/span-kind.ts'

/** A decoded message: absent fields are absent, 64-bit numbers are decimal texts. */
export type Message = Readonly<Record<string, unknown>>

interface Generated {
  decode(bytes: Uint8Array): unknown
  toObject(message: unknown, options: object): Message
}

// The package types the generated tree as protobufjs' reflection root, which it is not.
const { common, trace, collector } = (
  root as unknown as {
    opentelemetry: {
      proto: {
        common: { v1: { AnyValue: Generated; KeyValue: Generated } }
        trace: { v1: { Span: Generated; ScopeSpans: Generated } }
        collector: { trace: { v1: { ExportTraceServiceRequest: Generated } } }
      }
    }
  }
).opentelemetry.proto

const reader =
  (type: Generated) =>
  (bytes: Uint8Array): Message =>
    type.toObject(type.decode(bytes), { longs: String })

export const readAnyValue: (bytes: Uint8Array) => Message = reader(common.v1.AnyValue)
export const readSpan: (bytes: Uint8Array) => Message = reader(trace.v1.Span)
export const readRequest: (bytes: Uint8Array) => Message = reader(
  collector.trace.v1.ExportTraceServiceRequest,
)

const readScopeSpans = reader(trace.v1.ScopeSpans)

/** What `encodeSpan` appends are entries of `scope_spans.spans`. */
export function readSpans(bytes: Uint8Array): readonly Message[] {
  return (readScopeSpans(bytes).spans ?? []) as readonly Message[]
}

export function encodeAndRead(span: Span): Message {
  const writer = new ByteWriter()
  encodeSpan(writer, span)
  const spans = readSpans(writer.copy())
  const [only] = spans
  if (only === undefined || spans.length !== 1)
    throw new Error(`expected 1 span, got ${spans.length}`)
  return only
}

/** One entry of `scope_spans.spans`. */
export function encodedSpan(name: string): Uint8Array {
  const writer = new ByteWriter()
  const span = startSpan({ name })
  span.end(1_700_000_000_001)
  encodeSpan(writer, span)
  return writer.copy()
}

export function hex(bytes: unknown): string {
  return Buffer.from(bytes as Uint8Array).toString('hex')
}

const GENEROUS = {
  attributeCount: 10_000,
  attributeValueLength: 10_000_000,
  eventCount: 10_000,
  linkCount: 10_000,
}

/** A span with only what must be there, or what is given. */
export function startSpan(fields: Partial<SpanInit> = {}): Span {
  return new Span({
    context: {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      traceFlags: 1,
      traceState: undefined,
    },
    parentSpanId: undefined,
    hasRemoteParent: false,
    name: 'n',
    kind: SPAN_KIND_INTERNAL,
    startMs: 1_700_000_000_000,
    limits: GENEROUS,
    onEnd() {},
    ...fields,
  })
}

export function endedSpan(attributes: Readonly<Record<string, AttributeValue>> = {}): Span {
  const span = startSpan()
  span.setAttributes(attributes)
  span.end(1_700_000_000_001)
  return span
}

/** The nanoseconds of a time in milliseconds, computed without rounding but to the nearest whole one. */
export function exactNs(timeMs: number): string {
  // Multiplied by 2^20 the fraction of any time since 1980 is whole.
  const scaled = BigInt(Math.floor(timeMs)) * 2n ** 20n + BigInt((timeMs % 1) * 2 ** 20)
  return String((scaled * 1_000_000n + 2n ** 19n) / 2n ** 20n)
}

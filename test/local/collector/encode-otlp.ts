// Export requests in bytes, written by the code generated from the official .proto files.
import root from '@opentelemetry/otlp-transformer/build/src/generated/root.js'

interface GeneratedEncoder {
  encode(message: unknown): { finish(): Uint8Array }
}

const { ExportTraceServiceRequest } = (
  root as unknown as {
    opentelemetry: {
      proto: { collector: { trace: { v1: { ExportTraceServiceRequest: GeneratedEncoder } } } }
    }
  }
).opentelemetry.proto.collector.trace.v1

/** The message as protobuf; ids and bytes as Uint8Array, 64-bit numbers as decimal strings. */
export function encodeProtobuf(message: unknown): Buffer {
  return Buffer.from(ExportTraceServiceRequest.encode(message).finish())
}

/** A request with one resource, one scope and these spans. */
export function wrapSpans(...spans: unknown[]): unknown {
  return { resourceSpans: [{ scopeSpans: [{ spans }] }] }
}

/** The least that is a span, in protobuf's types. */
export function minimalSpan(fields: Readonly<Record<string, unknown>> = {}): unknown {
  return {
    traceId: Buffer.alloc(16, 1),
    spanId: Buffer.alloc(8, 2),
    name: 'a',
    startTimeUnixNano: '1000',
    endTimeUnixNano: '2000',
    ...fields,
  }
}

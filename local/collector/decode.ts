// Bytes of an export request -> spans. Protobuf is read by the code that OpenTelemetry generated from its own .proto
// files, so that what Baton's encoder writes is judged by nothing of ours.
import root from '@opentelemetry/otlp-transformer/build/src/generated/root.js'
import { CollectorError } from './errors.ts'
import { readSpans } from './read-spans.ts'
import type { CollectedSpan } from './span.ts'

interface GeneratedMessage {
  decode(bytes: Uint8Array): unknown
  toObject(message: unknown): unknown
}

// The package types the generated tree as protobufjs' reflection root, which it is not.
const { ExportTraceServiceRequest } = (
  root as unknown as {
    opentelemetry: {
      proto: {
        collector: { trace: { v1: { ExportTraceServiceRequest: GeneratedMessage } } }
      }
    }
  }
).opentelemetry.proto.collector.trace.v1

/** Throws a `CollectorError` when the bytes are no ExportTraceServiceRequest. */
export function decodeProtobuf(bytes: Uint8Array): CollectedSpan[] {
  return readSpans(
    parse('a protobuf ExportTraceServiceRequest', () =>
      ExportTraceServiceRequest.toObject(ExportTraceServiceRequest.decode(bytes)),
    ),
  )
}

/** Throws a `CollectorError` when the bytes are no JSON, or not OTLP's. */
export function decodeJson(bytes: Uint8Array): CollectedSpan[] {
  return readSpans(parse('JSON', () => JSON.parse(Buffer.from(bytes).toString('utf8'))))
}

function parse(expected: string, read: () => unknown): unknown {
  try {
    return read()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CollectorError('OTLP_MALFORMED', `body: expected ${expected}: ${reason}`, { cause })
  }
}

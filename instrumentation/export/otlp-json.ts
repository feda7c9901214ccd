// OTLP's requests as JSON. https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
//
// Protobuf's JSON mapping with three exceptions: ids are hex, enums are numbers, and names are camelCase only. 64-bit
// integers are decimal texts; NaN and the infinities, for which JSON has no number, are texts; bytes are base64. What
// protobuf leaves out because it is the default is left out here.
import { DamagedError } from './byte-reader.ts'
import {
  type DecodedEvent,
  type DecodedHead,
  type DecodedLink,
  type DecodedSpan,
  decodeHead,
  decodeSpans,
} from './otlp-decoder.ts'
import { type DecodedAttributes, type DecodedValue, isList } from './otlp-values.ts'
import type { SpanBatch } from './transport.ts'

/** One ExportTraceServiceRequest, on one line. Damaged spans are left out; throws where nothing else is there. */
export function encodeJsonRequest({ head, spans, count }: SpanBatch): string {
  const texts = decodeSpans(spans).spans.map(encodeJsonSpan)
  if (texts.length === 0 && count > 0) throw new DamagedError(`none of ${count} spans can be read`)
  const { before, after } = encodeJsonFrame(decodeHead(head))
  return before + texts.join(',') + after
}

/** What stands before and after the spans of a request, which are separated by commas. */
export function encodeJsonFrame({ resource, scope }: DecodedHead): {
  readonly before: string
  readonly after: string
} {
  const resourceText = JSON.stringify({ attributes: toKeyValues(resource) })
  const scopeText = JSON.stringify(unlessEmpty({ name: scope.name, version: scope.version }))
  return {
    before: `{"resourceSpans":[{"resource":${resourceText},"scopeSpans":[{"scope":${scopeText},"spans":[`,
    after: ']}]}]}',
  }
}

export function encodeJsonSpan(span: DecodedSpan): string {
  const { statusCode: code, statusMessage: message } = span
  const status = unlessEmpty({ message, code })
  return JSON.stringify({
    traceId: span.traceId,
    spanId: span.spanId,
    ...unlessEmpty({ traceState: span.traceState, parentSpanId: span.parentSpanId }),
    name: span.name,
    kind: span.kind,
    startTimeUnixNano: String(span.startNs),
    endTimeUnixNano: String(span.endNs),
    ...unlessEmpty({
      attributes: toKeyValues(span.attributes),
      droppedAttributesCount: span.droppedAttributes,
      events: span.events.map(toEvent),
      droppedEventsCount: span.droppedEvents,
      links: span.links.map(toLink),
      droppedLinksCount: span.droppedLinks,
    }),
    status,
    ...unlessEmpty({ flags: span.flags }),
  })
}

function toEvent(event: DecodedEvent): object {
  return {
    timeUnixNano: String(event.timeNs),
    name: event.name,
    ...unlessEmpty({
      attributes: toKeyValues(event.attributes),
      droppedAttributesCount: event.droppedAttributes,
    }),
  }
}

function toLink(link: DecodedLink): object {
  return {
    traceId: link.traceId,
    spanId: link.spanId,
    ...unlessEmpty({
      traceState: link.traceState,
      attributes: toKeyValues(link.attributes),
      droppedAttributesCount: link.droppedAttributes,
      flags: link.flags,
    }),
  }
}

function toKeyValues(attributes: DecodedAttributes): readonly object[] {
  return attributes.map(([key, value]) => ({ key, value: toAnyValue(value) }))
}

function toAnyValue(value: DecodedValue): object {
  switch (typeof value) {
    case 'string':
      return { stringValue: value }
    case 'boolean':
      return { boolValue: value }
    case 'bigint':
      return { intValue: String(value) }
    case 'number':
      return { doubleValue: Number.isFinite(value) ? value : String(value) }
    case 'undefined':
      return {}
    default:
      if (value instanceof Uint8Array) return { bytesValue: Buffer.from(value).toString('base64') }
      if (isList(value)) return { arrayValue: { values: value.map(toAnyValue) } }
      return { kvlistValue: { values: toKeyValues(value.entries) } }
  }
}

/** Without what is 0, empty text or empty list. */
function unlessEmpty(
  fields: Readonly<Record<string, string | number | readonly object[]>>,
): object {
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'object' ? value.length > 0 : value !== '' && value !== 0)
      kept[name] = value
  }
  return kept
}

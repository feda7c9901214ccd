// ExportTraceServiceRequest -> spans. The message's fields have the same names in protobufjs' objects and in
// OTLP/JSON, so one reader serves both; what differs is in the leaves (read-values.ts).
//
//   resourceSpans[]  resource.attributes
//     scopeSpans[]   scope.name .version
//       spans[]      traceId spanId parentSpanId traceState flags name kind startTimeUnixNano endTimeUnixNano
//                    attributes[] events[] links[] status dropped…Count
import { malformed } from './errors.ts'
import {
  type Fields,
  readAttributes,
  readFields,
  readId,
  readInt32,
  readInt64,
  readList,
  readText,
} from './read-values.ts'
import type { CollectedEvent, CollectedLink, CollectedSpan, SpanKind, StatusCode } from './span.ts'

const KINDS: readonly SpanKind[] = [
  'UNSPECIFIED',
  'INTERNAL',
  'SERVER',
  'CLIENT',
  'PRODUCER',
  'CONSUMER',
]
const STATUS_CODES: readonly StatusCode[] = ['UNSET', 'OK', 'ERROR']

type Surroundings = Pick<CollectedSpan, 'resource' | 'scope'>

/** All spans of a request, in its order. Throws a `CollectorError` that names the field when one is malformed. */
export function readSpans(message: unknown): CollectedSpan[] {
  const { resourceSpans } = readFields(message, 'request')
  return readList(resourceSpans, 'resourceSpans', readResourceSpans).flat()
}

function readResourceSpans(value: unknown, path: string): CollectedSpan[] {
  const { resource, scopeSpans } = readFields(value, path)
  const { attributes } = readFields(resource, `${path}.resource`)
  const resourceAttributes = readAttributes(attributes, `${path}.resource.attributes`)
  return readList(scopeSpans, `${path}.scopeSpans`, (item, itemPath) => {
    const { scope, spans } = readFields(item, itemPath)
    const { name, version } = readFields(scope, `${itemPath}.scope`)
    const surroundings = {
      resource: resourceAttributes,
      scope: {
        name: readText(name, `${itemPath}.scope.name`),
        version: readText(version, `${itemPath}.scope.version`),
      },
    }
    return readList(spans, `${itemPath}.spans`, (span, spanPath) =>
      readSpan(readFields(span, spanPath), spanPath, surroundings),
    )
  }).flat()
}

function readSpan(span: Fields, path: string, surroundings: Surroundings): CollectedSpan {
  const parentSpanId = readId(span.parentSpanId, `${path}.parentSpanId`, 8)
  const status = readFields(span.status, `${path}.status`)
  return {
    ...readContext(span, path),
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    name: readText(span.name, `${path}.name`),
    kind: readEnum(KINDS, span.kind, `${path}.kind`),
    startTimeUnixNano: readInt64(span.startTimeUnixNano, `${path}.startTimeUnixNano`),
    endTimeUnixNano: readInt64(span.endTimeUnixNano, `${path}.endTimeUnixNano`),
    ...readDecoration(span, path),
    events: readList(span.events, `${path}.events`, readEvent),
    links: readList(span.links, `${path}.links`, readLink),
    status: {
      code: readEnum(STATUS_CODES, status.code, `${path}.status.code`),
      message: readText(status.message, `${path}.status.message`),
    },
    droppedEventsCount: readInt32(span.droppedEventsCount, `${path}.droppedEventsCount`),
    droppedLinksCount: readInt32(span.droppedLinksCount, `${path}.droppedLinksCount`),
    ...surroundings,
  }
}

/** The fields that a span and a link share. */
function readContext(fields: Fields, path: string) {
  const traceId = readId(fields.traceId, `${path}.traceId`, 16)
  const spanId = readId(fields.spanId, `${path}.spanId`, 8)
  if (traceId === undefined) throw malformed(`${path}.traceId`, '16 bytes', '')
  if (spanId === undefined) throw malformed(`${path}.spanId`, '8 bytes', '')
  return {
    traceId,
    spanId,
    traceState: readText(fields.traceState, `${path}.traceState`),
    flags: readInt32(fields.flags, `${path}.flags`),
  }
}

/** The fields that a span, an event and a link share. */
function readDecoration(fields: Fields, path: string) {
  return {
    attributes: readAttributes(fields.attributes, `${path}.attributes`),
    droppedAttributesCount: readInt32(
      fields.droppedAttributesCount,
      `${path}.droppedAttributesCount`,
    ),
  }
}

function readEvent(value: unknown, path: string): CollectedEvent {
  const event = readFields(value, path)
  return {
    name: readText(event.name, `${path}.name`),
    timeUnixNano: readInt64(event.timeUnixNano, `${path}.timeUnixNano`),
    ...readDecoration(event, path),
  }
}

function readLink(value: unknown, path: string): CollectedLink {
  const link = readFields(value, path)
  return { ...readContext(link, path), ...readDecoration(link, path) }
}

function readEnum<T>(values: readonly T[], value: unknown, path: string): T {
  const found = values[readInt32(value, path)]
  if (found === undefined) throw malformed(path, `0 to ${values.length - 1}`, String(value))
  return found
}

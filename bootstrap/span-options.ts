// What the environment says of what spans there are, and of how much stands on one.
import { type Option, telemetry } from './option.ts'
import { flag, milliseconds, names, positiveInt, wholeNumber } from './values.ts'

/** OpenTelemetry's default for attributes, events and links. */
const DEFAULT_COUNT_LIMIT = 128
/** OpenTelemetry sets no limit; a function's spans travel at its own cost, so ours is bounded. */
const DEFAULT_VALUE_LENGTH_LIMIT = 8192

export interface SpanConfig {
  readonly attributeCountLimit: number
  /** Characters. */
  readonly attributeValueLengthLimit: number
  readonly eventCountLimit: number
  readonly linkCountLimit: number
  readonly eventAttributeCountLimit: number
  readonly linkAttributeCountLimit: number
  /** Headers that are to stand on spans: of calls, their answers, requests served, and theirs. */
  readonly clientRequestHeaders: readonly string[] | undefined
  readonly clientResponseHeaders: readonly string[] | undefined
  readonly serverRequestHeaders: readonly string[] | undefined
  readonly serverResponseHeaders: readonly string[] | undefined
  /** Spans of the services in front of the function, from the times that events tell. */
  readonly inferredSpans: boolean
  /** Spans of the records of a batch as the handler goes over them. */
  readonly recordSpans: boolean
  /** A span of the init phase, with the tree of what was loaded. */
  readonly initSpans: boolean
  /** What of it took less is left out, milliseconds. */
  readonly initMinMs: number
  /** Spans of it at most. */
  readonly initMaxSpans: number
}

/** https://opentelemetry.io/docs/zero-code/java/agent/instrumentation/http/#capturing-http-request-and-response-headers */
const headerList = (which: string): Option<readonly string[] | undefined> =>
  telemetry(`OTEL_INSTRUMENTATION_HTTP_${which}_HEADERS`, names, undefined)

export const SPAN_OPTIONS: { readonly [K in keyof SpanConfig]: Option<SpanConfig[K]> } = {
  attributeCountLimit: telemetry(
    ['OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', 'OTEL_ATTRIBUTE_COUNT_LIMIT'],
    wholeNumber,
    DEFAULT_COUNT_LIMIT,
  ),
  attributeValueLengthLimit: telemetry(
    ['OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'],
    positiveInt,
    DEFAULT_VALUE_LENGTH_LIMIT,
  ),
  eventCountLimit: telemetry('OTEL_SPAN_EVENT_COUNT_LIMIT', wholeNumber, DEFAULT_COUNT_LIMIT),
  linkCountLimit: telemetry('OTEL_SPAN_LINK_COUNT_LIMIT', wholeNumber, DEFAULT_COUNT_LIMIT),
  eventAttributeCountLimit: telemetry(
    'OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT',
    wholeNumber,
    DEFAULT_COUNT_LIMIT,
  ),
  linkAttributeCountLimit: telemetry(
    'OTEL_LINK_ATTRIBUTE_COUNT_LIMIT',
    wholeNumber,
    DEFAULT_COUNT_LIMIT,
  ),
  clientRequestHeaders: headerList('CLIENT_CAPTURE_REQUEST'),
  clientResponseHeaders: headerList('CLIENT_CAPTURE_RESPONSE'),
  serverRequestHeaders: headerList('SERVER_CAPTURE_REQUEST'),
  serverResponseHeaders: headerList('SERVER_CAPTURE_RESPONSE'),
  inferredSpans: telemetry('BATON_INFERRED_SPANS', flag, true),
  recordSpans: telemetry('BATON_RECORD_SPANS', flag, true),
  initSpans: telemetry('BATON_INIT_SPANS', flag, true),
  initMinMs: telemetry('BATON_INIT_MIN_MS', milliseconds, 1),
  initMaxSpans: telemetry('BATON_INIT_MAX_SPANS', positiveInt, 100),
}

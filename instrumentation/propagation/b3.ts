// Zipkin's B3, in one header or in several. https://github.com/openzipkin/b3-propagation
//
//   b3: 80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1-05e3ac9a4f6e3b90      b3: 0
//       trace id, span id, decision (0, 1, d for debug), parent's span id; the last two may be absent
//   X-B3-TraceId, X-B3-SpanId, X-B3-Sampled (0, 1), X-B3-Flags (1 for debug)
//
// Both formats are read under either name, the single header first, as OpenTelemetry's specification asks.

import { isSampled, SAMPLED_FLAG, type SpanContext } from '../trace/span-context.ts'
import type { Carrier } from './carrier.ts'
import { type Format, spanIdOf, traceIdOf } from './format.ts'

const SINGLE = 'b3'
const TRACE_ID = 'x-b3-traceid'
const SPAN_ID = 'x-b3-spanid'
const SAMPLED = 'x-b3-sampled'
const FLAGS = 'x-b3-flags'

export const b3: Format = {
  fields: [SINGLE],
  ids: [SINGLE],
  extract,
  denies,
  inject({ spanContext }, set) {
    set(
      SINGLE,
      `${spanContext.traceId}-${spanContext.spanId}-${isSampled(spanContext) ? '1' : '0'}`,
    )
  },
}

export const b3multi: Format = {
  fields: [TRACE_ID, SPAN_ID, SAMPLED],
  ids: [TRACE_ID, SPAN_ID],
  extract,
  denies,
  inject({ spanContext }, set) {
    set(TRACE_ID, spanContext.traceId)
    set(SPAN_ID, spanContext.spanId)
    set(SAMPLED, isSampled(spanContext) ? '1' : '0')
  },
}

function extract(carrier: Carrier): SpanContext | undefined {
  const single = carrier(SINGLE)
  return (single === undefined ? undefined : parseSingle(single)) ?? extractMulti(carrier)
}

function parseSingle(text: string): SpanContext | undefined {
  const [trace, span, decision, parent, ...rest] = text.split('-', 5)
  if (rest.length > 0 || (parent !== undefined && spanIdOf(parent) === undefined)) return undefined
  const flags = decision === undefined ? 'deferred' : singleDecision(decision)
  return flags === undefined ? undefined : contextOf(trace, span, flags)
}

function singleDecision(text: string): number | undefined {
  if (text === '1' || text === 'd') return SAMPLED_FLAG
  return text === '0' ? 0 : undefined
}

function extractMulti(carrier: Carrier): SpanContext | undefined {
  const trace = carrier(TRACE_ID)
  if (trace === undefined) return undefined
  return contextOf(trace, carrier(SPAN_ID), multiDecision(carrier) ?? 'deferred')
}

/** Early tracers wrote words; a decision that is no decision leaves it open, and the ids stand. */
function multiDecision(carrier: Carrier): number | undefined {
  if (carrier(FLAGS) === '1') return SAMPLED_FLAG
  const sampled = carrier(SAMPLED)?.toLowerCase()
  if (sampled === '1' || sampled === 'true') return SAMPLED_FLAG
  return sampled === '0' || sampled === 'false' ? 0 : undefined
}

function contextOf(
  trace: string | undefined,
  span: string | undefined,
  flags: number | 'deferred',
): SpanContext | undefined {
  // The specification knows ids of 16 and 32 digits only.
  if (trace?.length !== 16 && trace?.length !== 32) return undefined
  if (span?.length !== 16) return undefined
  const traceId = traceIdOf(trace)
  const spanId = spanIdOf(span)
  if (traceId === undefined || spanId === undefined) return undefined
  if (flags !== 'deferred') return { traceId, spanId, traceFlags: flags, traceState: undefined }
  return { traceId, spanId, traceFlags: SAMPLED_FLAG, traceState: undefined, isDeferred: true }
}

/** `b3: 0`, or `X-B3-Sampled: 0` without ids. */
function denies(carrier: Carrier): boolean {
  if (carrier(SINGLE) === '0') return true
  return carrier(TRACE_ID) === undefined && multiDecision(carrier) === 0
}

// The headers of OpenTracing's basic tracers, LightStep's among them.
// https://github.com/opentracing/basictracer-go/blob/master/propagation_ot.go
//
//   ot-tracer-traceid: 8448eb211c80319c   ot-tracer-spanid: b7ad6b7169203331   ot-tracer-sampled: true
//   ot-baggage-KEY: value
//
// Trace ids have 64 bits on the wire: of ours the low half is sent, as every OpenTelemetry SDK does.

import { isSampled, SAMPLED_FLAG } from '../trace/span-context.ts'
import { extractPrefixed, forEachMember } from './baggage-headers.ts'
import { type Format, spanIdOf, traceIdOf } from './format.ts'
import { isPrintable } from './header-text.ts'

const TRACE_ID = 'ot-tracer-traceid'
const SPAN_ID = 'ot-tracer-spanid'
const SAMPLED = 'ot-tracer-sampled'
const BAGGAGE_PREFIX = 'ot-baggage-'

export const otTrace: Format = {
  fields: [TRACE_ID, SPAN_ID, SAMPLED, BAGGAGE_PREFIX],
  ids: [TRACE_ID, SPAN_ID],
  extract(carrier) {
    const trace = carrier(TRACE_ID)
    if (trace === undefined) return undefined
    const traceId = traceIdOf(trace)
    const spanId = spanIdOf(carrier(SPAN_ID))
    if (traceId === undefined || spanId === undefined) return undefined
    const sampled = carrier(SAMPLED)?.toLowerCase()
    if (sampled === 'false' || sampled === '0')
      return { traceId, spanId, traceFlags: 0, traceState: undefined }
    const context = { traceId, spanId, traceFlags: SAMPLED_FLAG, traceState: undefined }
    return sampled === 'true' || sampled === '1' ? context : { ...context, isDeferred: true }
  },
  extractBaggage: carrier => extractPrefixed(carrier, BAGGAGE_PREFIX, text => text),
  inject({ spanContext, baggage }, set) {
    set(TRACE_ID, spanContext.traceId.slice(16))
    set(SPAN_ID, spanContext.spanId)
    set(SAMPLED, String(isSampled(spanContext)))
    forEachMember(baggage, (key, value) =>
      set(`${BAGGAGE_PREFIX}${key}`, isPrintable(value) ? value : encodeURIComponent(value)),
    )
  },
}

// Jaeger's own headers. https://www.jaegertracing.io/docs/1.76/client-libraries/#propagation-format
//
//   uber-trace-id: 0af7651916cd43dd8448eb211c80319c:b7ad6b7169203331:0:1
//                  trace id, span id, parent's span id (unused), flags (1 sampled, 2 debug), all in hex
//   uberctx-KEY: percent-encoded value
//
// Leading zeros of the ids may be missing, and old clients percent-encode the colons.

import { isSampled, SAMPLED_FLAG, type SpanContext } from '../trace/span-context.ts'
import { decodeText, extractPrefixed, forEachMember } from './baggage-headers.ts'
import { type Format, spanIdOf, traceIdOf } from './format.ts'

const TRACE_ID = 'uber-trace-id'
const BAGGAGE_PREFIX = 'uberctx-'
const DEBUG_FLAG = 0x02
const MAX_FLAGS_LENGTH = 2

export const jaeger: Format = {
  fields: [TRACE_ID, BAGGAGE_PREFIX],
  ids: [TRACE_ID],
  extract(carrier) {
    const text = carrier(TRACE_ID)
    return text === undefined ? undefined : parseUberTraceId(text)
  },
  extractBaggage: carrier => extractPrefixed(carrier, BAGGAGE_PREFIX, decodeText),
  inject({ spanContext, baggage }, set) {
    const flags = isSampled(spanContext) ? '1' : '0'
    set(TRACE_ID, `${spanContext.traceId}:${spanContext.spanId}:0:${flags}`)
    forEachMember(baggage, (key, value) =>
      set(`${BAGGAGE_PREFIX}${key}`, encodeURIComponent(value)),
    )
  },
}

function parseUberTraceId(text: string): SpanContext | undefined {
  const plain = text.includes('%') ? decodeText(text) : text
  const [trace, span, parent, flags, ...rest] = plain.split(':', 5)
  if (parent === undefined || flags === undefined || rest.length > 0) return undefined
  const traceId = traceIdOf(trace)
  const spanId = spanIdOf(span)
  const bits = flags.length <= MAX_FLAGS_LENGTH ? Number(`0x${flags}`) : Number.NaN
  if (traceId === undefined || spanId === undefined || Number.isNaN(bits)) return undefined
  const isTraced = (bits & (SAMPLED_FLAG | DEBUG_FLAG)) !== 0
  return { traceId, spanId, traceFlags: isTraced ? SAMPLED_FLAG : 0, traceState: undefined }
}

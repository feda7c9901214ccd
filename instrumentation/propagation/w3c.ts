// W3C Trace Context and Baggage out of any carrier.

import type { RemoteContext, SpanContext } from '../trace/span-context.ts'
import { parseBaggage } from './baggage.ts'
import type { Carrier } from './carrier.ts'
import type { Format } from './format.ts'
import { formatTraceparent, parseTraceparent, parseTracestate } from './trace-context.ts'

/** The caller's span with its baggage; `undefined` when the carrier holds no valid `traceparent`. */
export function extractW3C(carrier: Carrier): RemoteContext | undefined {
  const spanContext = extractTraceContext(carrier)
  return spanContext && { spanContext, baggage: extractBaggage(carrier) }
}

function extractTraceContext(carrier: Carrier): SpanContext | undefined {
  const traceparent = carrier('traceparent')
  const spanContext = traceparent === undefined ? undefined : parseTraceparent(traceparent)
  if (spanContext === undefined) return undefined
  const tracestate = carrier('tracestate')
  return tracestate === undefined
    ? spanContext
    : { ...spanContext, traceState: parseTracestate(tracestate) }
}

/** The carrier's baggage, which may travel without a trace; `undefined` when there is none to carry on. */
export function extractBaggage(carrier: Carrier): string | undefined {
  const baggage = carrier('baggage')
  return baggage === undefined ? undefined : parseBaggage(baggage)
}

export const traceContext: Format = {
  fields: ['traceparent', 'tracestate'],
  ids: ['traceparent'],
  extract: extractTraceContext,
  inject({ spanContext }, set) {
    set('traceparent', formatTraceparent(spanContext))
    if (spanContext.traceState !== undefined) set('tracestate', spanContext.traceState)
  },
}

export const w3cBaggage: Format = {
  fields: ['baggage'],
  ids: [],
  extractBaggage,
  inject({ baggage }, set) {
    if (baggage !== undefined) set('baggage', baggage)
  },
}

// W3C Trace Context and Baggage out of any carrier.

import type { RemoteContext } from '../trace/span-context.ts'
import { parseBaggage } from './baggage.ts'
import type { Carrier } from './carrier.ts'
import { parseTraceparent, parseTracestate } from './trace-context.ts'

/** The caller's span with its baggage; `undefined` when the carrier holds no valid `traceparent`. */
export function extractW3C(carrier: Carrier): RemoteContext | undefined {
  const traceparent = carrier('traceparent')
  const spanContext = traceparent === undefined ? undefined : parseTraceparent(traceparent)
  if (spanContext === undefined) return undefined
  const tracestate = carrier('tracestate')
  const traceState = tracestate === undefined ? undefined : parseTracestate(tracestate)
  return { spanContext: { ...spanContext, traceState }, baggage: extractBaggage(carrier) }
}

/** The carrier's baggage, which may travel without a trace; `undefined` when there is none to carry on. */
export function extractBaggage(carrier: Carrier): string | undefined {
  const baggage = carrier('baggage')
  return baggage === undefined ? undefined : parseBaggage(baggage)
}

// Instana's headers, read so that a trace begun by a service of theirs goes on; never written.
// https://www.ibm.com/docs/en/instana-observability?topic=monitoring-traces
//
//   X-INSTANA-T: 5f2592cc3fb0d8bb   X-INSTANA-S: 76a1e4e2e0a5c2f1   X-INSTANA-L: 1
//   trace id of 64 or 128 bits, span id, level: 0 when the trace is suppressed, 1 and absent when not

import { SAMPLED_FLAG, type SpanContext } from '../trace/span-context.ts'
import type { Carrier } from './carrier.ts'
import { spanIdOf, traceIdOf } from './format.ts'

const TRACE_ID = 'x-instana-t'
const SPAN_ID = 'x-instana-s'
const LEVEL = 'x-instana-l'

export function extractInstana(carrier: Carrier): SpanContext | undefined {
  const trace = carrier(TRACE_ID)
  if (trace === undefined) return undefined
  const traceId = traceIdOf(trace)
  const spanId = spanIdOf(carrier(SPAN_ID))
  if (traceId === undefined || spanId === undefined) return undefined
  // What the browser's part is correlated by may follow: `1,correlationType=web;correlationId=1234`.
  const isSuppressed = carrier(LEVEL)?.startsWith('0') === true
  return { traceId, spanId, traceFlags: isSuppressed ? 0 : SAMPLED_FLAG, traceState: undefined }
}

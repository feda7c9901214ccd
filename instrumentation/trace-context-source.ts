// What a call made now should carry, from the span active now. AWS SDK v3 asks before it signs.
import type { TraceContextSource } from '../runtime/contract.ts'
import { formatTraceparent } from './propagation/trace-context.ts'
import { formatXRay, replaceParent } from './propagation/xray.ts'
import { isSampled } from './trace/span-context.ts'
import type { Tracer } from './trace/tracer.ts'

/** With `BATON_INJECT=none` calls carry what the platform gave, and nothing of ours. */
const NOTHING: Omit<TraceContextSource, 'ids'> = {
  traceparent: () => undefined,
  tracestate: () => undefined,
  baggage: () => undefined,
  xrayTraceId: incoming => incoming,
}

export function createTraceContextSource(tracer: Tracer, isInjecting: boolean): TraceContextSource {
  const ids: TraceContextSource['ids'] = () => tracer.active()?.spanContext
  if (!isInjecting) return { ...NOTHING, ids }
  return {
    ids,
    traceparent() {
      const context = tracer.active()?.spanContext
      return context && formatTraceparent(context)
    },
    tracestate: () => tracer.active()?.spanContext.traceState,
    baggage: () => tracer.active()?.baggage,
    xrayTraceId(incoming) {
      const context = tracer.active()?.spanContext
      if (context === undefined) return incoming
      if (incoming === undefined) return formatXRay(context)
      return replaceParent(incoming, context.spanId, isSampled(context)) ?? formatXRay(context)
    },
  }
}

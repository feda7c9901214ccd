// What a call made now should carry, from the span active now, in the formats that are wanted. AWS SDK v3 asks before
// it signs.
import type { TraceContextSource } from '../runtime/contract.ts'
import type { Propagation } from './propagation/propagation.ts'
import { formatTraceparent } from './propagation/trace-context.ts'
import { formatOutgoing } from './propagation/xray.ts'
import type { Tracer } from './trace/tracer.ts'

export function createTraceContextSource(
  tracer: Tracer,
  { fields }: Propagation,
): TraceContextSource {
  const [isTraceContext, isBaggage, isXRay] = ['traceparent', 'baggage', 'x-amzn-trace-id'].map(
    field => fields.includes(field),
  )
  return {
    ids: () => tracer.active()?.spanContext,
    isSending: () => tracer.active()?.call !== undefined,
    traceparent() {
      const context = isTraceContext ? tracer.active()?.spanContext : undefined
      return context && formatTraceparent(context)
    },
    tracestate: () => (isTraceContext ? tracer.active()?.spanContext.traceState : undefined),
    baggage: () => (isBaggage ? tracer.active()?.baggage : undefined),
    xrayTraceId(incoming) {
      const context = isXRay ? tracer.active()?.spanContext : undefined
      // Without the format too: Lambda finds loops by it.
      if (context === undefined) return incoming
      return formatOutgoing({ spanContext: context, traceHeader: incoming })
    },
  }
}

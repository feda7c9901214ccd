// Span contexts between the tracer and OpenTelemetry's API, where `tracestate` is an object and being remote is a
// property of the context.
import type { SpanContext as ApiSpanContext } from '@opentelemetry/api'
import { isLowerHex, NO_SPAN_ID, NO_TRACE_ID } from '../propagation/header-text.ts'
import { parseTracestate } from '../propagation/trace-context.ts'
import type { SpanContext } from '../trace/span-context.ts'
import { ApiTraceState } from './trace-state.ts'

export const INVALID: ApiSpanContext = { traceId: NO_TRACE_ID, spanId: NO_SPAN_ID, traceFlags: 0 }

export function toApi(context: SpanContext, isRemote = false): ApiSpanContext {
  const { traceId, spanId, traceFlags, traceState } = context
  return {
    traceId,
    spanId,
    traceFlags,
    ...(traceState !== undefined && { traceState: new ApiTraceState(traceState) }),
    ...(isRemote && { isRemote }),
  }
}

/** `undefined` for a context without valid ids: there is no such span. */
export function fromApi(context: ApiSpanContext | undefined): SpanContext | undefined {
  if (context === undefined) return undefined
  const { traceFlags, traceState } = context
  const traceId = idOf(context.traceId, NO_TRACE_ID)
  const spanId = idOf(context.spanId, NO_SPAN_ID)
  if (traceId === undefined || spanId === undefined) return undefined
  const text = traceState?.serialize()
  return {
    traceId,
    spanId,
    traceFlags: Number(traceFlags) & 0xff,
    traceState: text === undefined ? undefined : parseTracestate(text),
  }
}

function idOf(id: unknown, none: string): string | undefined {
  if (typeof id !== 'string' || id.length !== none.length) return undefined
  const lower = id.toLowerCase()
  return lower !== none && isLowerHex(lower, 0, none.length) ? lower : undefined
}

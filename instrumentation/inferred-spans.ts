// Spans of services in front of the function, made of the times that an event tells: where a request or a message
// spent its time before the function had it. Their clocks are not ours, and an event may be replayed years later, so
// that no time is taken as it stands.

import { ATTR_HTTP_RESPONSE_STATUS_CODE } from './semconv.ts'
import type { Attributes } from './trace/attributes.ts'
import type { Span } from './trace/span.ts'
import type { SpanContext } from './trace/span-context.ts'
import type { SpanKind } from './trace/span-kind.ts'
import type { SpanOptions, Tracer } from './trace/tracer.ts'
import type { Hop } from './triggers/hop.ts'

/** Ours: names the service, for no convention says how a span of another's is marked. */
const ATTR_INFERRED = 'baton.inferred'

export interface InferredSpan {
  readonly name: string
  readonly kind: SpanKind
  readonly startMs: number
  /** `undefined` when it ends with the invocation. */
  readonly endMs: number | undefined
  readonly attributes: Attributes
}

/** Services that wait for the answer wait less; API Gateway's longest wait is 15 minutes for streams. */
const MAX_WAIT_MS = 15 * 60_000
/** SQS keeps a message no longer. */
const MAX_AGE_MS = 14 * 24 * 3_600_000

/**
 * The spans, the outermost first, each the parent of the next. Never in the future, never ending before it starts or
 * starting before the one around it; a service whose time is not known or cannot be is left out.
 */
export function inferSpans(hops: readonly Hop[], nowMs: number): readonly InferredSpan[] {
  const spans: InferredSpan[] = []
  let earliestMs = 0
  for (const [at, hop] of hops.entries()) {
    const { startMs, endMs } = hop
    if (startMs === undefined || !isPlausible(nowMs - startMs, endMs)) continue
    const start = Math.min(Math.max(startMs, earliestMs), nowMs)
    earliestMs = start
    spans.push({
      name: hop.name,
      kind: hop.kind,
      startMs: start,
      endMs: endOf(endMs, hops[at + 1]?.startMs, { start, nowMs }),
      attributes: { [ATTR_INFERRED]: hop.service, ...hop.attributes },
    })
  }
  return spans
}

/** The age of a hop that begins in our future is negative: a clock that is a little ahead. */
function isPlausible(ageMs: number, endMs: Hop['endMs']): boolean {
  const maxMs = endMs === 'invocation' ? MAX_WAIT_MS : MAX_AGE_MS
  return ageMs <= maxMs && ageMs >= -MAX_WAIT_MS
}

function endOf(
  endMs: Hop['endMs'],
  nextStartMs: number | undefined,
  { start, nowMs }: { readonly start: number; readonly nowMs: number },
): number | undefined {
  if (endMs === 'invocation') return undefined
  const end = endMs === 'start' || endMs === undefined ? (nextStartMs ?? nowMs) : endMs
  return Math.min(Math.max(end, start), nowMs)
}

/** A span that stands open until the invocation ends. */
export interface OpenInferredSpan {
  readonly span: Span
  readonly endMs: number | undefined
}

/** Starts them below the caller's span; they are ended after the answer, when nobody waits. */
export function startInferredSpans(
  tracer: Tracer,
  inferred: readonly InferredSpan[],
  caller: SpanContext | undefined,
  sampling: Pick<SpanOptions, 'isDenied' | 'aside'> = {},
): readonly OpenInferredSpan[] {
  let parent = caller
  return inferred.map(({ name, kind, startMs, endMs, attributes }, at) => {
    const hasRemoteParent = at === 0 && caller !== undefined
    const span = tracer.startSpan({
      name,
      kind,
      parent,
      hasRemoteParent,
      startMs,
      attributes,
      // With the rest of the invocation, once its handler takes its time: the caller waits now.
      isAnnouncedLater: true,
      ...sampling,
    })
    parent = span.context
    return { span, endMs }
  })
}

/** The innermost first. `isError` and `result` are the invocation's, which a waiting service hands on. */
export function endInferredSpans(
  open: readonly OpenInferredSpan[],
  nowMs: number,
  result: { readonly attributes: Attributes; readonly isError: boolean } | undefined,
): void {
  for (const { span, endMs } of [...open].reverse()) {
    if (endMs === undefined && result !== undefined) {
      const status = result.attributes[ATTR_HTTP_RESPONSE_STATUS_CODE]
      span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, status)
      if (result.isError) span.setError('')
    }
    span.end(endMs ?? nowMs)
  }
}

// One invocation without a runtime around it: its handler runs as the runtime would run it, and what ends is kept.
import { endInvocationSpan } from '../../../instrumentation/invocation-end.ts'
import {
  type InvocationSpanOptions,
  openInvocationSpan,
} from '../../../instrumentation/invocation-span.ts'
import { createRecordSpans, type RecordSpans } from '../../../instrumentation/records/records.ts'
import { createClock } from '../../../instrumentation/trace/clock.ts'
import { createIdSource } from '../../../instrumentation/trace/ids.ts'
import type { Span } from '../../../instrumentation/trace/span.ts'
import { SPAN_KIND_CLIENT } from '../../../instrumentation/trace/span-kind.ts'
import { Tracer } from '../../../instrumentation/trace/tracer.ts'
import { detectTrigger } from '../../../instrumentation/triggers/detect.ts'
import { readEvent } from '../triggers/read-event.ts'

const LIMITS = { attributeCount: 128, attributeValueLength: 1024, eventCount: 128, linkCount: 128 }
const IDENTITY = { functionName: 'orders', functionVersion: '1' }

export interface Traced {
  readonly tracer: Tracer
  readonly spans: readonly Span[]
  readonly recordSpans: RecordSpans
  /** Runs a handler on an event; what it throws ends the invocation as failed. */
  invoke(event: unknown, handler: (event: never) => unknown, nowMs?: number): Promise<void>
  /** The trace context that a call made now would carry. */
  activeSpanId(): string | undefined
  named(name: string): readonly Span[]
}

export function startTraced(
  options: Partial<InvocationSpanOptions> & { isAutomatic?: boolean; nowMs?: number } = {},
): Traced {
  const spans: Span[] = []
  const clock =
    options.nowMs === undefined
      ? createClock()
      : { now: () => options.nowMs ?? 0, anchor: () => {} }
  const tracer = new Tracer({
    clock,
    ids: createIdSource(),
    limits: LIMITS,
    onEnd: span => spans.push(span),
  })
  const recordSpans = createRecordSpans(tracer, { isAutomatic: options.isAutomatic ?? true })
  return {
    tracer,
    spans,
    recordSpans,
    async invoke(event, handler) {
      const invocation = {
        requestId: 'r-1',
        deadlineMs: 0,
        functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:orders',
        traceHeader: undefined,
        clientContext: undefined,
        identity: undefined,
        tenantId: undefined,
        event,
        isColdStart: false,
      }
      const open = openInvocationSpan(tracer, invocation, IDENTITY, {
        detectTrigger,
        ...options,
        recordSpans,
      })
      try {
        const result = await tracer.run(open.context, () =>
          (handler as (event: unknown) => unknown)(event),
        )
        endInvocationSpan(tracer, open, IDENTITY, { status: 'ok', result })
      } catch (error) {
        const errorType = error instanceof Error ? error.name : 'Error'
        endInvocationSpan(tracer, open, IDENTITY, { status: 'error', errorType, error })
      }
    },
    activeSpanId: () => tracer.active()?.spanContext.spanId,
    named: name => spans.filter(span => span.name === name),
  }
}

/** An attribute of a span, which holds them as a flat list. */
export function attributeOf(span: Span | undefined, key: string): unknown {
  const at = span?.attributes.findIndex((each, index) => index % 2 === 0 && each === key) ?? -1
  return at === -1 ? undefined : span?.attributes[at + 1]
}

export interface Message {
  readonly messageId: string
  readonly body: string
}
export interface SqsEvent {
  readonly Records: Message[]
}

/** Ten messages of ten callers. */
export const TEN = (): SqsEvent => readEvent('sqs-batch-ten-callers') as unknown as SqsEvent
export const NAME: string = 'process orders'

/** A call to another service, as a traced library makes it. */
export function call(traced: Traced, name: string): void {
  const { tracer } = traced
  tracer.startSpan({ name, kind: SPAN_KIND_CLIENT, parent: tracer.active()?.spanContext }).end(0)
}

/** Spans of single records: the invocation's has the same name. */
export const recordSpans = (traced: Traced): readonly Span[] =>
  traced.named(NAME).filter(span => span.parentSpanId)
export const ids = (traced: Traced): readonly unknown[] =>
  recordSpans(traced).map(span => attributeOf(span, 'messaging.message.id'))

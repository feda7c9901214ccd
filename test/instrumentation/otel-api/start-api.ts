// The API's global served by a tracer in this process, with the parts that a function would have.
import { createGuard } from '../../../instrumentation/guard.ts'
import { createApi } from '../../../instrumentation/otel-api/api-global.ts'
import { installApi } from '../../../instrumentation/otel-api/install.ts'
import { createPropagation } from '../../../instrumentation/propagation/propagation.ts'
import type { AttributeValue } from '../../../instrumentation/trace/attributes.ts'
import { createClock } from '../../../instrumentation/trace/clock.ts'
import { createIdSource } from '../../../instrumentation/trace/ids.ts'
import type { Span } from '../../../instrumentation/trace/span.ts'
import { SPAN_KIND_SERVER } from '../../../instrumentation/trace/span-kind.ts'
import { type ActiveContext, Tracer } from '../../../instrumentation/trace/tracer.ts'

export interface StartedApi {
  readonly tracer: Tracer
  /** Spans that ended, in that order. */
  readonly ended: Span[]
  readonly warnings: readonly string[]
  /** Runs inside of an invocation with this span. */
  run<T>(work: (invocation: Span) => T, context?: Partial<ActiveContext>): T
}

/** For the whole process: a test file has one. */
export function startApi(): StartedApi {
  const ended: Span[] = []
  const warnings: string[] = []
  const tracer = new Tracer({
    clock: createClock(),
    ids: createIdSource(),
    limits: { attributeCount: 8, attributeValueLength: 64, eventCount: 4, linkCount: 4 },
    onEnd: span => void ended.push(span),
  })
  const guard = createGuard({ warn: message => void warnings.push(message) })
  const propagation = createPropagation(['tracecontext', 'baggage'])
  installApi(() => createApi({ tracer, propagation, guard }))
  return {
    tracer,
    ended,
    warnings,
    run(work, context) {
      const span = tracer.startSpan({ name: 'fn', kind: SPAN_KIND_SERVER, parent: undefined })
      const { context: spanContext } = span
      const active = { spanContext, span, baggage: undefined, openSpans: new Set<Span>() }
      return tracer.run({ ...active, ...context }, () => work(span))
    },
  }
}

export function attributesOf(span: Span | undefined): Record<string, AttributeValue> {
  const list = span?.attributes ?? []
  return Object.fromEntries(
    Array.from({ length: list.length / 2 }, (_, index) => [
      list[2 * index] as string,
      list[2 * index + 1] as AttributeValue,
    ]),
  )
}

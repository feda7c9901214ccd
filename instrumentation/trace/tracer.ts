// Starts spans and knows which one is active. The active context follows the code through every await, timer and
// callback (AsyncLocalStorage); nothing about an invocation lives anywhere else.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Clock } from './clock.ts'
import type { IdSource } from './ids.ts'
import type { SpanLimits } from './limits.ts'
import { Span } from './span.ts'
import { isSampled, SAMPLED_FLAG, type SpanContext } from './span-context.ts'
import type { SpanKind } from './span-kind.ts'

/** What code runs under: the span that new spans are children of, and what travels beside it. */
export interface ActiveContext {
  readonly spanContext: SpanContext
  /** W3C baggage as text. */
  readonly baggage: string | undefined
  /** Spans started under it and not ended yet, oldest first. */
  readonly openSpans: Set<Span>
  /** Present on a context that was entered for a time only. */
  readonly stay?: Stay | undefined
}

/**
 * How long an entered context stands. An async function that enters one gives it to its caller too, when it waits for
 * the first time; once the stay is over, whoever still has the context has the outer one instead.
 */
export interface Stay {
  readonly outer: ActiveContext
  /** The context itself: copies of it that others make are their own affair. */
  entered: ActiveContext | undefined
  isOver: boolean
}

export interface SpanOptions {
  readonly name: string
  readonly kind: SpanKind
  readonly parent: SpanContext | undefined
  readonly hasRemoteParent?: boolean
  /** Epoch milliseconds; now where absent. */
  readonly startMs?: number
  /** The span's own identity, where it was given away before the span was started. */
  readonly context?: SpanContext
}

export interface TracerOptions {
  readonly clock: Clock
  readonly ids: IdSource
  readonly limits: SpanLimits
  /** Called with each sampled span when it ends. */
  readonly onEnd: (span: Span) => void
}

export class Tracer {
  readonly clock: Clock
  readonly #options: TracerOptions
  readonly #active = new AsyncLocalStorage<ActiveContext>()

  constructor(options: TracerOptions) {
    this.clock = options.clock
    this.#options = options
  }

  active(): ActiveContext | undefined {
    let context = this.#active.getStore()
    while (context?.stay?.isOver === true && context.stay.entered === context)
      context = context.stay.outer
    return context
  }

  run<T>(context: ActiveContext, work: () => T): T {
    return this.#active.run(context, work)
  }

  /**
   * Makes a context the active one from here on, for the rest of this function and what it waits for; one that is to
   * be left again has a `stay`. `run` is to be preferred wherever the code to be run is a function of its own.
   */
  enter(context: ActiveContext): void {
    this.#active.enterWith(context)
  }

  /** The identity of a span to be started later, of the same trace. */
  childOf(parent: SpanContext): SpanContext {
    return { ...parent, spanId: this.#options.ids.spanId() }
  }

  /**
   * A new span, started now and open in the active context. It is sampled as its parent is; without a parent it is. A span that is not sampled
   * is carried to callees like any other and goes nowhere when it ends.
   */
  startSpan(options: SpanOptions): Span {
    const { ids, limits, onEnd } = this.#options
    const { parent } = options
    const context: SpanContext = options.context ?? {
      traceId: parent?.traceId ?? ids.traceId(),
      spanId: ids.spanId(),
      traceFlags: parent?.traceFlags ?? SAMPLED_FLAG,
      traceState: parent?.traceState,
    }
    const open = this.active()?.openSpans
    const span = new Span({
      context,
      parentSpanId: parent?.spanId,
      hasRemoteParent: options.hasRemoteParent ?? false,
      name: options.name,
      kind: options.kind,
      startMs: options.startMs ?? this.clock.now(),
      limits,
      onEnd: ended => {
        open?.delete(ended)
        if (isSampled(context)) onEnd(ended)
      },
    })
    open?.add(span)
    return span
  }
}

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
  /** X-Ray's header of the invocation as it came. */
  readonly traceHeader?: string | undefined
  /** A library's call under way: the requests that it makes are part of it and have no spans of their own. */
  readonly call?: ClientCall | undefined
  /** Spans started under it and not ended yet, oldest first. */
  readonly openSpans: Set<Span>
}

/** A call that makes requests. */
export interface ClientCall {
  readonly span: Span
  /** What the code that made the call runs under. */
  readonly outer: ActiveContext
  /** Reads headers of an answer, where they tell more than the library does. */
  readonly readAnswer: ((header: (name: string) => string | undefined) => void) | undefined
}

export interface SpanOptions {
  readonly name: string
  readonly kind: SpanKind
  readonly parent: SpanContext | undefined
  readonly hasRemoteParent?: boolean
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
    const context = this.#active.getStore()
    // Streams and timers that a call leaves behind stay in its context; what they start when it is over is no part of it.
    return context?.call?.span.isEnded ? context.call.outer : context
  }

  run<T>(context: ActiveContext, work: () => T): T {
    return this.#active.run(context, work)
  }

  /**
   * A new span, started now and open in the active context. It is sampled as its parent is; without a parent it is. A span that is not sampled
   * is carried to callees like any other and goes nowhere when it ends.
   */
  startSpan(options: SpanOptions): Span {
    const { ids, limits, onEnd } = this.#options
    const { parent } = options
    const context: SpanContext = {
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
      startMs: this.clock.now(),
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

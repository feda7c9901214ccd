// Starts spans and knows which one is active. The active context follows the code through every await, timer and
// callback (AsyncLocalStorage); nothing about an invocation lives anywhere else.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Channel } from 'node:diagnostics_channel'
import type { Attributes } from './attributes.ts'
import type { Clock } from './clock.ts'
import type { IdSource } from './ids.ts'
import { type Aside, markAside } from './keep.ts'
import type { SpanLimits } from './limits.ts'
import type { Sampler } from './sampler.ts'
import type { Scope } from './scope.ts'
import type { Served } from './served.ts'
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
  /** What a web framework tells of the invocation; absent on contexts that belong to none. */
  readonly served?: Served | undefined
  /** The invocation's own span; absent on contexts that belong to none. */
  readonly invocation?: Span | undefined
  /** Where spans go that are not sampled and may be kept; absent where none is. */
  readonly aside?: Aside | undefined
  /** Present on a context that was entered for a time only. */
  readonly stay?: Stay | undefined
  /** The span of `spanContext`, for code that says more of it; another one's, or absent, where nobody can. */
  readonly span?: Span | undefined
  /** What the function's code put beside its span; it holds as long as the span is the same. */
  readonly carried?: Carried | undefined
  /** The function's code wants nothing traced here: for instrumentation there is no context. */
  readonly isHidden?: boolean
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

/** A call that makes requests. */
export interface ClientCall {
  readonly span: Span
  /** What the code that made the call runs under. */
  readonly outer: ActiveContext
  /** Reads headers of an answer, where they tell more than the library does. */
  readonly readAnswer: ((header: (name: string) => string | undefined) => void) | undefined
  /** What the library's code knows of it. */
  readonly detail?: unknown
}

/** A context of OpenTelemetry's API, and the span that it stands for. */
export interface Carried {
  readonly context: unknown
  readonly spanContext: SpanContext
}

/** What Baton does itself: neither it nor an instrumentation that the user chose makes spans there. */
export const OWN_WORK: ActiveContext = {
  spanContext: {
    traceId: '0'.repeat(32),
    spanId: '0'.repeat(16),
    traceFlags: 0,
    traceState: undefined,
  },
  baggage: undefined,
  openSpans: new Set(),
  isHidden: true,
}

export interface SpanOptions {
  readonly name: string
  readonly kind: SpanKind
  readonly parent: SpanContext | undefined
  readonly hasRemoteParent?: boolean
  /** Without a parent: the caller said not to trace. */
  readonly isDenied?: boolean
  /** Takes this span, and those under it, when it is not sampled. */
  readonly aside?: Aside | undefined
  /** Epoch milliseconds; now where absent. */
  readonly startMs?: number | undefined
  /** Who makes the span, where it is not Baton. */
  readonly scope?: Scope | undefined
  /** What is known at the start; a span that never ends is told with these. */
  readonly attributes?: Attributes
  /** Announced by whoever starts it, who knows more of it. */
  readonly isAnnouncedLater?: boolean
  /** The span's own identity, where it was given away before the span was started. */
  readonly context?: SpanContext
}

export interface TracerOptions {
  readonly clock: Clock
  readonly ids: IdSource
  readonly limits: SpanLimits
  /** Asked for spans without a parent in this process; where absent they are sampled as their parent is. */
  readonly sampler?: Sampler
  /** Called with each sampled span when it starts. */
  readonly onStart?: (span: Span) => void
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

  /** `undefined` outside of invocations, and where nothing is to be traced. */
  active(): ActiveContext | undefined {
    const context = this.activeOrHidden()
    return context?.isHidden ? undefined : context
  }

  /** The same where nothing is to be traced. */
  activeOrHidden(): ActiveContext | undefined {
    let context = this.#active.getStore()
    for (;;) {
      if (context?.stay?.isOver === true && context.stay.entered === context)
        context = context.stay.outer
      // Streams and timers that a call leaves behind stay in its context; what they start when it is over is no part of it.
      else if (context?.call?.span.isEnded) context = context.call.outer
      else return context
    }
  }

  run<T>(context: ActiveContext, work: () => T): T {
    return this.#active.run(context, work)
  }

  /**
   * What the channel's publisher runs has the context that `choose` answers, or the one that it had, until what this
   * answers is called.
   * https://nodejs.org/api/diagnostics_channel.html#channelbindstorestore-transform
   */
  bind(channel: Channel, choose: (message: object) => ActiveContext | undefined): () => void {
    channel.bindStore(
      this.#active,
      message => choose(message as object) ?? (this.#active.getStore() as ActiveContext),
    )
    return () => void channel.unbindStore(this.#active)
  }

  /**
   * Makes a context the active one from here on, for the rest of this function and what it waits for; one that is to
   * be left again has a `stay`. `run` is to be preferred wherever the code to be run is a function of its own.
   */
  enter(context: ActiveContext | undefined): void {
    // Nothing active is a value like any other; the types do not say so.
    this.#active.enterWith(context as ActiveContext)
  }

  /** The identity of a span to be started later, of the same trace. */
  childOf(parent: SpanContext): SpanContext {
    return { ...parent, spanId: this.#options.ids.spanId() }
  }

  /**
   * A new span, started now and open in the active context. One that is neither sampled nor held aside is carried to
   * callees like any other, records nothing and goes nowhere when it ends.
   */
  startSpan(options: SpanOptions): Span {
    const { limits, onStart, onEnd } = this.#options
    const active = this.activeOrHidden()
    const sampled = options.context ?? this.#newContext(options)
    const aside = isSampled(sampled) ? undefined : openAside(options.aside ?? active?.aside)
    const isRecording = isSampled(sampled) || aside !== undefined
    // Spans below carry their parent's mark.
    const isMarked = aside !== undefined && aside === options.aside
    const context = isMarked ? { ...sampled, traceState: markAside(sampled.traceState) } : sampled
    const open = isRecording ? active?.openSpans : undefined
    const span = new Span({
      context,
      parentSpanId: options.parent?.spanId,
      hasRemoteParent: options.hasRemoteParent ?? false,
      name: options.name,
      kind: options.kind,
      startMs: options.startMs ?? (isRecording ? this.clock.now() : 0),
      scope: options.scope,
      limits,
      isRecording,
      onEnd: isRecording
        ? ended => {
            open?.delete(ended)
            if (aside === undefined) onEnd(ended)
            else aside.add(ended)
          }
        : goNowhere,
    })
    open?.add(span)
    if (options.attributes !== undefined) span.setAttributes(options.attributes)
    if (isSampled(context) && options.isAnnouncedLater !== true) onStart?.(span)
    return span
  }

  #newContext(options: SpanOptions): SpanContext {
    const { ids, sampler } = this.#options
    const { parent, name, kind, isDenied = false } = options
    const traceId = parent?.traceId ?? ids.traceId()
    const spanId = ids.spanId()
    const isLocalRoot = parent === undefined || options.hasRemoteParent === true
    if (sampler === undefined || !isLocalRoot) {
      const { traceFlags = SAMPLED_FLAG, traceState } = parent ?? {}
      return { traceId, spanId, traceFlags, traceState }
    }
    const decision = sampler.sample({ traceId, parent, isDenied, name, kind })
    const others = (parent?.traceFlags ?? 0) & ~SAMPLED_FLAG
    const traceFlags = decision.isSampled ? others | SAMPLED_FLAG : others
    return { traceId, spanId, traceFlags, traceState: decision.traceState }
  }
}

/** Whether spans started there record anything: what they would be told need not be gathered otherwise. */
export const recordsUnder = ({
  spanContext,
  aside,
}: Pick<ActiveContext, 'spanContext' | 'aside'>): boolean =>
  isSampled(spanContext) || openAside(aside) !== undefined

const goNowhere = (): void => {}

const openAside = (aside: Aside | undefined): Aside | undefined =>
  aside?.isDropped ? undefined : aside

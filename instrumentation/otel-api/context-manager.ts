// Contexts of OpenTelemetry's API made active: each becomes the tracer's own active context, so that a span of the
// function's code is the parent of what libraries do under it, and the other way round.
import type { Baggage, Context, ContextManager } from '@opentelemetry/api'
import { NO_SPAN_ID, NO_TRACE_ID } from '../propagation/header-text.ts'
import type { Span as NativeSpan } from '../trace/span.ts'
import type { SpanContext } from '../trace/span-context.ts'
import type { ActiveContext, Tracer } from '../trace/tracer.ts'
import { writeBaggage } from './baggage.ts'
import { bindEmitter, isEmitter } from './bind-emitter.ts'
import { ApiContext, BAGGAGE_KEY, isSuppressed, ROOT, SUPPRESSED, spanOf } from './context.ts'
import { ApiSpan, BareSpan, type SpanTools } from './span.ts'
import { fromApi, toApi } from './span-context.ts'

const NO_SPAN: SpanContext = {
  traceId: NO_TRACE_ID,
  spanId: NO_SPAN_ID,
  traceFlags: 0,
  traceState: undefined,
}

/** Restores what was active before. */
interface Token {
  dispose(): void
}

export class ApiContextManager implements ContextManager {
  readonly #tracer: Tracer
  readonly #tools: SpanTools
  /** Of contexts that the tracer made. */
  readonly #contexts = new WeakMap<ActiveContext, ApiContext>()
  readonly #spans = new WeakMap<NativeSpan, ApiSpan>()

  constructor({ tracer, warn, guard }: Omit<SpanTools, 'clock'> & { readonly tracer: Tracer }) {
    this.#tracer = tracer
    this.#tools = { clock: tracer.clock, warn, guard }
  }

  active(): Context {
    const active = this.#tracer.activeOrHidden()
    if (active === undefined) return ROOT
    const { carried } = active
    if (carried !== undefined && carried.spanContext === active.spanContext) {
      return carried.context as Context
    }
    // Only what Baton does itself is hidden by no code's context.
    if (active.isHidden && carried === undefined) return SUPPRESSED
    let context = this.#contexts.get(active)
    if (context === undefined) {
      context = this.#describe(active)
      this.#contexts.set(active, context)
    }
    return context
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    work: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    const active = this.#activate(context)
    return this.#tracer.run(active, () => Reflect.apply(work, thisArg, args))
  }

  bind<T>(context: Context, target: T): T {
    if (isEmitter(target)) return bindEmitter(target, work => this.bind(context, work))
    if (typeof target !== 'function') return target
    const run = (work: () => unknown): unknown => this.#tracer.run(this.#activate(context), work)
    const bound = function (this: unknown, ...args: unknown[]): unknown {
      return run(() => Reflect.apply(target, this, args))
    }
    Object.defineProperty(bound, 'length', { value: target.length, configurable: true })
    return bound as T
  }

  /** From version 1.10 of the API on: active for what follows, until the token is disposed of. */
  attach(context: Context): Token {
    const before = this.#tracer.activeOrHidden()
    this.#tracer.enter(this.#activate(context))
    let isOver = false
    return {
      dispose: () => {
        if (!isOver) this.#tracer.enter(before)
        isOver = true
      },
    }
  }

  enable(): this {
    return this
  }

  /** Copies call it before they take it from the global. */
  disable(): this {
    return this
  }

  /** What the tracer made, as the API sees it; values that the function's code set further out hold. */
  #describe(active: ActiveContext): ApiContext {
    const outer = active.carried?.context as Context | undefined
    return new ApiContext({
      base: active,
      span: this.#spanOf(active),
      baggage: outer === undefined ? 'inherited' : (outer.getValue(BAGGAGE_KEY) as Baggage),
      ...(outer instanceof ApiContext ? outer.others : { fallback: outer }),
    })
  }

  #spanOf({ spanContext, span }: ActiveContext): ApiSpan | BareSpan | undefined {
    if (spanContext === NO_SPAN) return undefined
    if (span === undefined || span.context !== spanContext) return new BareSpan(toApi(spanContext))
    let known = this.#spans.get(span)
    if (known === undefined) {
      known = new ApiSpan(span, this.#tools, false)
      this.#spans.set(span, known)
    }
    return known
  }

  /** A context of any copy of the API as one of the tracer's. */
  #activate(given: Context | null | undefined): ActiveContext {
    const context = given ?? this.active()
    const base = context instanceof ApiContext ? context.base : undefined
    const outer = base ?? this.#tracer.activeOrHidden()
    const span = spanOf(context)
    const native = span instanceof ApiSpan ? span.native : undefined
    const spanContext = native?.context ?? fromApi(span?.spanContext()) ?? NO_SPAN
    return {
      baggage: writeBaggage(context.getValue(BAGGAGE_KEY) as Baggage | undefined),
      traceHeader: outer?.traceHeader,
      openSpans: outer?.openSpans ?? new Set(),
      served: outer?.served,
      aside: outer?.aside,
      spanContext,
      span: native,
      carried: { context, spanContext },
      isHidden: spanContext === NO_SPAN || isSuppressed(context),
    }
  }
}

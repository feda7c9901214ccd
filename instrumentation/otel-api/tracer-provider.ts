// Tracers of OpenTelemetry's API: what `trace.getTracer` gives to the function's code and to published instrumentations.
import type {
  Tracer as ApiTracer,
  Context,
  Span,
  SpanOptions,
  TracerProvider,
} from '@opentelemetry/api'
import type { Guard } from '../guard.ts'
import type { Scope } from '../trace/scope.ts'
import type { SpanKind } from '../trace/span-kind.ts'
import type { Tracer } from '../trace/tracer.ts'
import { isSuppressed, SPAN_KEY, spanOf } from './context.ts'
import type { ApiContextManager } from './context-manager.ts'
import { ApiSpan, BareSpan, ownOf, type SpanTools } from './span.ts'
import { fromApi, INVALID } from './span-context.ts'
import { readTime } from './time.ts'

interface ProviderOptions {
  readonly tracer: Tracer
  readonly manager: ApiContextManager
  readonly guard: Guard
  readonly warn: (message: string) => void
}

/** The API's "internal". */
const DEFAULT_KIND = 0
const MAX_KIND = 4
/** Code that makes up a name for each call is given tracers that nobody remembers. */
const MAX_TRACERS = 200

export class ApiTracerProvider implements TracerProvider {
  readonly #options: ProviderOptions
  readonly #tracers = new Map<string, ApiTracer>()

  constructor(options: ProviderOptions) {
    this.#options = options
  }

  getTracer(name: string, version?: string): ApiTracer {
    const key = `${name}@${version}`
    const known = this.#tracers.get(key)
    if (known !== undefined) return known
    const scope = { name: String(name ?? ''), version: version && String(version) }
    const tracer = new ScopedTracer(this.#options, scope)
    if (this.#tracers.size < MAX_TRACERS) this.#tracers.set(key, tracer)
    return tracer
  }

  /** Code that wants the provider behind the API's own asks for it so; there is no other. */
  getDelegate(): this {
    return this
  }

  /** Finished spans leave after the answer, when Baton ships. */
  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}

type Work = (span: Span) => unknown

class ScopedTracer implements ApiTracer {
  readonly #tracer: Tracer
  readonly #manager: ApiContextManager
  readonly #tools: SpanTools
  readonly #scope: Scope

  constructor({ tracer, manager, guard, warn }: ProviderOptions, scope: Scope) {
    this.#tracer = tracer
    this.#manager = manager
    this.#tools = { clock: tracer.clock, guard, warn }
    this.#scope = scope
  }

  startSpan(name: string, options: SpanOptions = {}, context?: Context): Span {
    const under = context ?? this.#manager.active()
    if (isSuppressed(under)) return new BareSpan(INVALID)
    const { kind, attributes, startTime, links, root } = options ?? {}
    const outer = root === true ? undefined : spanOf(under)
    const { parent, isRemote } = readParent(outer)
    const native = this.#tracer.startSpan({
      name: String(name),
      kind: toKind(kind),
      parent,
      hasRemoteParent: isRemote,
      startMs: startTime === undefined ? undefined : readTime(startTime, this.#tools.clock),
      scope: this.#scope,
      ...(attributes && { attributes: ownOf(attributes) }),
    })
    const span = new ApiSpan(native, this.#tools, true)
    if (links !== undefined) span.addLinks(links)
    return span
  }

  startActiveSpan<F extends Work>(name: string, work: F): ReturnType<F>
  startActiveSpan<F extends Work>(name: string, options: SpanOptions, work: F): ReturnType<F>
  startActiveSpan<F extends Work>(
    name: string,
    options: SpanOptions,
    context: Context,
    work: F,
  ): ReturnType<F>
  startActiveSpan(name: string, ...rest: readonly unknown[]): unknown {
    const work = rest.at(-1)
    if (rest.length === 0 || typeof work !== 'function') return undefined
    const [options, context] = rest.slice(0, -1) as [SpanOptions?, Context?]
    const under = context ?? this.#manager.active()
    const span = this.startSpan(name, options, under)
    return this.#manager.with(under.setValue(SPAN_KEY, span), work as Work, undefined, span)
  }
}

type Parent = Pick<Parameters<Tracer['startSpan']>[0], 'parent'> & { readonly isRemote: boolean }

function readParent(span: Span | undefined): Parent {
  if (span instanceof ApiSpan) return { parent: span.native.context, isRemote: false }
  const context = span?.spanContext()
  return { parent: fromApi(context), isRemote: context?.isRemote === true }
}

/** OTLP's numbers are one higher than the API's. */
function toKind(kind: unknown): SpanKind {
  const isKnown = Number.isInteger(kind) && Number(kind) >= 0 && Number(kind) <= MAX_KIND
  return ((isKnown ? Number(kind) : DEFAULT_KIND) + 1) as SpanKind
}

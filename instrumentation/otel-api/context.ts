// A context of OpenTelemetry's API: values that travel with the code. Span and baggage, which nearly every one has, are
// fields; other values are a map that is copied when one is set. Copies of the API name their values by symbols of the
// global registry, so that one copy reads what another set.
import type { Baggage, Context, Span } from '@opentelemetry/api'
import type { ActiveContext } from '../trace/tracer.ts'
import { readBaggage } from './baggage.ts'

export const SPAN_KEY: symbol = Symbol.for('OpenTelemetry Context Key SPAN')
export const BAGGAGE_KEY: symbol = Symbol.for('OpenTelemetry Baggage Key')
/** Set by exporters and SDKs around calls of their own. */
const SUPPRESS_KEY: symbol = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING')

interface ContextInit {
  /** Where it came from: what of it has no place in the API goes along. */
  readonly base: ActiveContext | undefined
  readonly span: Span | undefined
  /** `inherited` is the base's, read when it is asked for. */
  readonly baggage: Baggage | undefined | 'inherited'
  readonly others?: ReadonlyMap<symbol, unknown> | undefined
  /** Has the values that are not in `others`. */
  readonly fallback?: Context | undefined
}

export class ApiContext implements Context {
  readonly #init: ContextInit
  #baggage: ContextInit['baggage']

  constructor(init: ContextInit) {
    this.#init = init
    this.#baggage = init.baggage
  }

  get base(): ActiveContext | undefined {
    return this.#init.base
  }

  /** What a context for another span inherits. */
  get others(): Pick<ContextInit, 'others' | 'fallback'> {
    const { others, fallback } = this.#init
    return { others, fallback }
  }

  getValue(key: symbol): unknown {
    if (key === SPAN_KEY) return this.#init.span
    if (key === BAGGAGE_KEY) return this.#readBaggage()
    const { others, fallback } = this.#init
    return others?.has(key) ? others.get(key) : fallback?.getValue(key)
  }

  setValue(key: symbol, value: unknown): ApiContext {
    if (key === SPAN_KEY) {
      return new ApiContext({
        base: this.#init.base,
        span: value as Span | undefined,
        baggage: this.#baggage,
        others: this.#init.others,
        fallback: this.#init.fallback,
      })
    }
    if (key === BAGGAGE_KEY) {
      return new ApiContext({ ...this.#init, baggage: value as Baggage | undefined })
    }
    const others = new Map(this.#init.others).set(key, value)
    return new ApiContext({ ...this.#init, baggage: this.#baggage, others })
  }

  deleteValue(key: symbol): ApiContext {
    return this.setValue(key, undefined)
  }

  #readBaggage(): Baggage | undefined {
    if (this.#baggage === 'inherited') this.#baggage = readBaggage(this.#init.base?.baggage)
    return this.#baggage
  }
}

/** For what nobody is to trace. */
export const SUPPRESSED: ApiContext = new ApiContext({
  base: undefined,
  span: undefined,
  baggage: undefined,
  others: new Map([[SUPPRESS_KEY, true]]),
})

/** Outside of everything. */
export const ROOT: ApiContext = new ApiContext({
  base: undefined,
  span: undefined,
  baggage: undefined,
})

export const isSuppressed = (context: Context): boolean => context.getValue(SUPPRESS_KEY) === true

/** The span of any copy's context. */
export const spanOf = (context: Context): Span | undefined =>
  (context.getValue(SPAN_KEY) as Span | undefined | null) ?? undefined

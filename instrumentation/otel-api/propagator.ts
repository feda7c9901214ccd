// OpenTelemetry's API for context in messages of any kind, in the formats of OTEL_PROPAGATORS.
import type {
  Baggage,
  Context,
  TextMapGetter,
  TextMapPropagator,
  TextMapSetter,
} from '@opentelemetry/api'
import type { Carrier } from '../propagation/carrier.ts'
import type { Propagation } from '../propagation/propagation.ts'
import type { Tracer } from '../trace/tracer.ts'
import { readBaggage, writeBaggage } from './baggage.ts'
import { BAGGAGE_KEY, isSuppressed, SPAN_KEY, spanOf } from './context.ts'
import { ApiSpan, BareSpan } from './span.ts'
import { fromApi, toApi } from './span-context.ts'

const BAGGAGE = 'baggage'
/** The most that baggage may have. */
const MAX_NAMES = 180

export class ApiPropagator implements TextMapPropagator {
  readonly #tracer: Tracer
  readonly #propagation: Propagation

  constructor(tracer: Tracer, propagation: Propagation) {
    this.#tracer = tracer
    this.#propagation = propagation
  }

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    if (isSuppressed(context)) return
    const span = spanOf(context)
    const spanContext = span instanceof ApiSpan ? span.native.context : fromApi(span?.spanContext())
    const baggage = writeBaggage(context.getValue(BAGGAGE_KEY) as Baggage | undefined)
    const set = (name: string, value: string): void => setter.set(carrier, name, value)
    if (spanContext !== undefined) {
      const traceHeader = this.#tracer.activeOrHidden()?.traceHeader
      this.#propagation.inject({ spanContext, baggage, traceHeader }, set)
    } else if (baggage !== undefined && this.#propagation.fields.includes(BAGGAGE)) {
      set(BAGGAGE, baggage)
    }
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const read = carrierOf(carrier, getter)
    const found = this.#propagation.extract(read)
    const baggage = found?.baggage ?? this.#propagation.extractBaggage(read)
    let extracted = context
    if (found !== undefined) {
      extracted = extracted.setValue(SPAN_KEY, new BareSpan(toApi(found.spanContext, true)))
    }
    return baggage === undefined ? extracted : extracted.setValue(BAGGAGE_KEY, readBaggage(baggage))
  }

  fields(): string[] {
    return this.#propagation.fields.filter(field => !field.endsWith('-'))
  }
}

function carrierOf(carrier: unknown, getter: TextMapGetter): Carrier {
  const read: Carrier = name => {
    const value = getter.get(carrier, name)
    if (typeof value === 'string') return value
    if (!Array.isArray(value) || value.length === 0) return undefined
    // Those two are lists; of any other header the first counts.
    return String(name === 'tracestate' || name === BAGGAGE ? value.join() : value[0])
  }
  // Asked for by formats that give each member of the baggage a header; once, since a getter lists all names.
  let keys: readonly string[] | undefined
  read.namesWith = prefix => {
    keys ??= getter.keys(carrier)
    return keys.filter(key => key.startsWith(prefix)).slice(0, MAX_NAMES)
  }
  return read
}

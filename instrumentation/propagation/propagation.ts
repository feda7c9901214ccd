// The formats that `OTEL_PROPAGATORS` names, as one: all of them are written, and of those that a caller sent the
// first that is valid counts. A broken header is as good as none, so that it hides no valid one of another format.
//
// All formats stand here, used or not: small modules without state cost less to have than to load when needed.

import type { RemoteContext, SpanContext } from '../trace/span-context.ts'
import { b3, b3multi } from './b3.ts'
import { mergeBaggage } from './baggage-headers.ts'
import type { Carrier } from './carrier.ts'
import { extractDatadog } from './datadog.ts'
import type { Format, OutgoingContext, SetHeader } from './format.ts'
import { extractInstana } from './instana.ts'
import { jaeger } from './jaeger.ts'
import { otTrace } from './ot-trace.ts'
import { traceContext, w3cBaggage } from './w3c.ts'
import { xray, xrayAlone } from './xray.ts'

/** Values of `OTEL_PROPAGATORS`. */
export type PropagatorName =
  | 'tracecontext'
  | 'baggage'
  | 'xray'
  | 'xray-lambda'
  | 'b3'
  | 'b3multi'
  | 'jaeger'
  | 'ottrace'
  | 'none'

export interface Propagation {
  /** The caller's span and its baggage. Never throws: a format that fails is as good as absent. */
  extract(carrier: Carrier): RemoteContext | undefined
  /** Baggage alone: it may travel without a trace. Never throws. */
  extractBaggage(carrier: Carrier): string | undefined
  /** Whether a carrier without a span says not to trace (`b3: 0`); absent where no format can say so. */
  readonly denies: ((carrier: Carrier) => boolean) | undefined
  /**
   * Puts a context on a call. What `has` says is there already stays as it is, and a format whose span is named there
   * already is left out.
   */
  inject(context: OutgoingContext, set: SetHeader, has?: (name: string) => boolean): void
  /** Names of the headers that may be written, in lower case; those that end in `-` are what such names begin with. */
  readonly fields: readonly string[]
}

const FORMATS: Readonly<Record<Exclude<PropagatorName, 'none'>, Format>> = {
  tracecontext: traceContext,
  baggage: w3cBaggage,
  xray,
  'xray-lambda': xray,
  b3,
  b3multi,
  jaeger,
  ottrace: otTrace,
}

/** With `none` among the names nothing is read and nothing is written. */
export function createPropagation(names: readonly PropagatorName[]): Propagation {
  const formats = formatsOf(names)
  const readers = formats.filter(format => format.extractBaggage !== undefined)
  const deniers = formats.filter(format => format.denies !== undefined)
  const extractBaggage = (carrier: Carrier): string | undefined => {
    let baggage: string | undefined
    for (const format of readers) baggage = mergeBaggage(baggage, readBaggage(format, carrier))
    return baggage
  }
  return {
    extract(carrier) {
      const spanContext = extractSpan(formats, carrier)
      return spanContext && { spanContext, baggage: extractBaggage(carrier) }
    },
    extractBaggage,
    denies:
      deniers.length === 0
        ? undefined
        : carrier => deniers.some(format => isDenied(format, carrier)),
    inject(context, set, has) {
      for (const format of formats) injectFormat(format, context, set, has)
    },
    fields: formats.flatMap(format => format.fields),
  }
}

function formatsOf(names: readonly PropagatorName[]): readonly Format[] {
  const formats = new Set<Format>()
  for (const name of names) {
    if (name === 'none') return []
    formats.add(FORMATS[name])
  }
  const tracing = [...formats].filter(format => format.extract !== undefined)
  if (tracing.length !== 1 || tracing[0] !== xray) return [...formats]
  return [...formats].map(format => (format === xray ? xrayAlone : format))
}

function extractSpan(formats: readonly Format[], carrier: Carrier): SpanContext | undefined {
  for (const format of formats) {
    const context = attempt(format.extract, carrier)
    if (context !== undefined) return context
  }
  // With `none` nothing is read.
  if (formats.length === 0) return undefined
  return attempt(extractDatadog, carrier) ?? attempt(extractInstana, carrier)
}

/** Parsed JSON cannot throw when it is read; an event that a wrapper or a test made of getters can. */
function attempt<T>(
  extract: ((carrier: Carrier) => T | undefined) | undefined,
  carrier: Carrier,
): T | undefined {
  try {
    return extract?.(carrier)
  } catch {
    return undefined
  }
}

const readBaggage = (format: Format, carrier: Carrier): string | undefined =>
  attempt(format.extractBaggage, carrier)

const isDenied = (format: Format, carrier: Carrier): boolean =>
  attempt(format.denies, carrier) === true

function injectFormat(
  format: Format,
  context: OutgoingContext,
  set: SetHeader,
  has: ((name: string) => boolean) | undefined,
): void {
  if (has === undefined) {
    format.inject(context, set)
    return
  }
  for (const id of format.ids) if (has(id)) return
  format.inject(context, (name, value) => {
    if (!has(name)) set(name, value)
  })
}

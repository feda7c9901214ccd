// Parent or link: which of the contexts that came with an invocation its span continues.
//
//   event  >  client context  >  X-Ray header
//
// X-Ray's is the parent only when it is sampled and nothing else gave one. Lambda sends that header with every
// invocation, most often unsampled and naming a span that nobody will ever see: taken as the parent it would cut the
// caller's trace or drop it. What it names is kept as a link instead.

import { isSampled, type RemoteContext, type SpanContext } from '../trace/span-context.ts'
import { type Carrier, mapCarrier, type NamedCarrier } from './carrier.ts'
import { extractBaggage, extractW3C } from './w3c.ts'
import { extractXRay } from './xray.ts'

/** Everything about an invocation that may hold its caller's context. */
export interface ParentSources {
  /** Carriers of the event, in the order in which they count. */
  readonly carriers: readonly NamedCarrier[]
  /** Parsed client context of a direct Invoke. */
  readonly clientContext: unknown
  /** `Lambda-Runtime-Trace-Id` as it came. */
  readonly traceHeader: string | undefined
}

/** The span that the invocation continues. */
export interface RemoteParent extends RemoteContext {
  readonly isRemote: true
  /** Name of the carrier that held it. */
  readonly carrier: string
}

export interface ExtractedParent {
  readonly parent: RemoteParent | undefined
  /** Contexts that came along but are not the parent. */
  readonly links: readonly SpanContext[]
  /** The parent's baggage or, without a parent, the first that any carrier held: it may travel alone. */
  readonly baggage: string | undefined
  /** Names of the carriers looked at, when none of them gave a parent. */
  readonly tried: readonly string[]
}

/** Never throws: a carrier that fails counts as one that holds nothing. */
export function extractParent(sources: ParentSources): ExtractedParent {
  const carriers = [...sources.carriers, ...clientContextCarriers(sources.clientContext)]
  for (const { name, carrier } of carriers) {
    const context = guarded(extractW3C, carrier)
    if (context !== undefined) return parentFrom(name, context, sources.traceHeader)
  }
  const xray = readXRay(sources.traceHeader)
  const baggage = firstBaggage(carriers)
  if (xray !== undefined && isSampled(xray)) {
    return parentFrom(XRAY, { spanContext: xray, baggage }, undefined)
  }
  const tried = [...new Set(carriers.map(({ name }) => name)), XRAY]
  return { parent: undefined, links: xray === undefined ? [] : [xray], baggage, tried }
}

const CLIENT_CONTEXT = 'client-context'
const XRAY = 'xray'

/**
 * `w3c` is Lambda's own channel for direct Invoke; tracers in many languages write into `custom`, and some SDKs
 * spell that `Custom`.
 */
const CLIENT_CONTEXT_FIELDS = ['w3c', 'custom', 'Custom']

function clientContextCarriers(clientContext: unknown): readonly NamedCarrier[] {
  if (typeof clientContext !== 'object' || clientContext === null) return NO_CLIENT_CONTEXT
  const fields = clientContext as Readonly<Record<string, unknown>>
  return CLIENT_CONTEXT_FIELDS.map(field => ({
    name: CLIENT_CONTEXT,
    // Read when asked, so that whatever reading does happens under the guard.
    carrier: (name: string) => mapCarrier(fields[field])(name),
  }))
}

const NO_CLIENT_CONTEXT: readonly NamedCarrier[] = [
  { name: CLIENT_CONTEXT, carrier: mapCarrier(undefined) },
]

const readXRay = (traceHeader: string | undefined): SpanContext | undefined =>
  traceHeader === undefined ? undefined : extractXRay(traceHeader)

/** X-Ray's header is read for its link when that is asked for: after the answer, while nobody waits. */
const parentFrom = (
  carrier: string,
  { spanContext, baggage }: RemoteContext,
  traceHeader: string | undefined,
): ExtractedParent => ({
  parent: { spanContext, baggage, isRemote: true, carrier },
  get links() {
    const xray = readXRay(traceHeader)
    return xray === undefined || isSameSpan(xray, spanContext) ? [] : [xray]
  },
  baggage,
  tried: [],
})

function firstBaggage(carriers: readonly NamedCarrier[]): string | undefined {
  for (const { carrier } of carriers) {
    const baggage = guarded(extractBaggage, carrier)
    if (baggage !== undefined) return baggage
  }
  return undefined
}

/** Parsed JSON cannot throw when it is read; an event that a wrapper or a test made of getters can. */
function guarded<T>(extract: (carrier: Carrier) => T | undefined, carrier: Carrier): T | undefined {
  try {
    return extract(carrier)
  } catch {
    return undefined
  }
}

const isSameSpan = (a: SpanContext, b: SpanContext): boolean =>
  a.spanId === b.spanId && a.traceId === b.traceId

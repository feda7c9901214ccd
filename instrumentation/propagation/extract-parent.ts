// Parent or link: which of the contexts that came with an invocation its span continues.
//
//   event or its records  >  X-Ray header inside the event  >  client context  >  X-Ray header
//
// X-Ray's is the parent only when it is sampled and nothing else gave one. Lambda sends that header with every
// invocation, most often unsampled and naming a span that nobody will ever see: taken as the parent it would cut the
// caller's trace or drop it. What it names is kept as a link instead, as is a client context that is not the parent.
// Records of a batch give a parent only when all of them name the same span.

import type { Attributes } from '../trace/attributes.ts'
import { isSampled, type RemoteContext, type SpanContext } from '../trace/span-context.ts'
import { type Carrier, mapCarriers, type NamedCarrier, readText } from './carrier.ts'
import { type RecordCarriers, type RecordContexts, readRecords } from './record-contexts.ts'
import { extractBaggage, extractW3C } from './w3c.ts'
import { extractXRay } from './xray.ts'

/** The header formats that are read. */
export interface Extraction {
  extract(carrier: Carrier): RemoteContext | undefined
  /** Baggage alone: it may travel without a trace. */
  extractBaggage(carrier: Carrier): string | undefined
}

const W3C: Extraction = { extract: extractW3C, extractBaggage }

/** What the contexts of an event are to its invocation; of a `root` they are nothing. */
export type Relation = 'parent' | 'link' | 'root'

/** Everything about an invocation that may hold its caller's context. */
export interface ParentSources {
  /** Carriers of the event, in the order in which they count. */
  readonly carriers: readonly NamedCarrier[]
  /** Those of each record, for a batch. */
  readonly records?: readonly RecordCarriers[] | undefined
  /** Records in all, where `records` has only the first ones. */
  readonly recordCount?: number | undefined
  /** `parent` where absent. */
  readonly relation?: Relation | undefined
  /** Parsed client context of a direct Invoke. */
  readonly clientContext: unknown
  /** `Lambda-Runtime-Trace-Id` as it came. */
  readonly traceHeader: string | undefined
  /** W3C's where absent. */
  readonly formats?: Extraction | undefined
}

/** The span that the invocation continues. */
export interface RemoteParent extends RemoteContext {
  readonly isRemote: true
  /** Name of the carrier that held it. */
  readonly carrier: string
}

/** A span that has to do with the invocation and is not its parent. */
export interface FoundLink {
  readonly context: SpanContext
  readonly attributes?: Attributes
}

export interface ExtractedParent {
  readonly parent: RemoteParent | undefined
  /** Contexts that came along but are not the parent; those of records are read when asked for. */
  readonly links: readonly FoundLink[]
  /** Records that were not looked at for a link, being too many. */
  readonly unreadLinks: number
  /** The parent's baggage or, without a parent, the first that any carrier held: it may travel alone. */
  readonly baggage: string | undefined
  /** Names of the carriers looked at, when none of them gave a parent. */
  readonly tried: readonly string[]
  /** Of a batch, what each record holds. */
  readonly records?: RecordContexts
}

/** Never throws: a carrier that fails counts as one that holds nothing. */
export function extractParent(sources: ParentSources): ExtractedParent {
  const { carriers, records, relation = 'parent', clientContext, traceHeader } = sources
  const formats = sources.formats ?? W3C
  const xray = (): SpanContext | undefined => readXRay(traceHeader)
  if (relation === 'root') return without(xray(), [XRAY], undefined)
  if (records !== undefined && records.length > 0) {
    return extractFromRecords(sources, records, formats)
  }
  const own = findContext(carriers, formats)
  const invoke = clientContextCarriers(clientContext)
  if (own.context !== undefined && relation === 'parent') {
    return parentFrom(own.carrier, own.context, () => [spanOf(invoke, formats), xray()])
  }
  const linked = own.context?.spanContext ?? own.link
  const direct = findContext(invoke, formats)
  if (direct.context !== undefined) {
    return parentFrom(direct.carrier, direct.context, () => [linked ?? xray()])
  }
  return fromXRay(xray(), { carriers: [...carriers, ...invoke], formats, linked })
}

/** Of an event with records; an Invoke by hand may send such an event too, with a client context. */
function extractFromRecords(
  { relation = 'parent', recordCount, clientContext, traceHeader }: ParentSources,
  records: readonly RecordCarriers[],
  formats: Extraction,
): ExtractedParent {
  const xray = (): SpanContext | undefined => readXRay(traceHeader)
  const found = readRecords(records, carriers => findContext(carriers, formats))
  const { shared } = found
  const invoke = clientContextCarriers(clientContext)
  if (shared?.context !== undefined && relation === 'parent') {
    const others = (): Others => [spanOf(invoke, formats), xray()]
    return Object.assign(parentFrom(shared.carrier, shared.context, others), { records: found })
  }
  const all = found.carriers()
  if (!found.hasAny) {
    const direct = findContext(invoke, formats)
    if (direct.context !== undefined)
      return parentFrom(direct.carrier, direct.context, () => [xray()])
    return fromXRay(xray(), { carriers: [...all, ...invoke], formats, linked: undefined })
  }
  return {
    parent: undefined,
    // The link of each record in place; X-Ray's own last, which is none of theirs.
    get links() {
      const header = xray()
      const links = found.links()
      return header === undefined ? links : [...links, { context: header }]
    },
    unreadLinks: Math.max(0, (recordCount ?? records.length) - records.length),
    // Of several callers none speaks for the batch.
    baggage: undefined,
    tried: namesOf(all),
    records: found,
  }
}

/** What a list of carriers held: a context for a parent, or one that is good for a link only. */
export interface FoundContext {
  readonly carrier: string
  readonly context: RemoteContext | undefined
  /** Named by an X-Ray header that is not sampled. */
  readonly link: SpanContext | undefined
}

/** The first valid context of these carriers; X-Ray's header inside the event is the last of them. */
function findContext(carriers: readonly NamedCarrier[], formats: Extraction): FoundContext {
  for (const { name, carrier, isNeeded } of carriers) {
    if (isNeeded !== undefined && !attempt(isNeeded)) continue
    const context = guarded(formats.extract, carrier)
    if (context !== undefined) return { carrier: name, context, link: undefined }
  }
  let link: SpanContext | undefined
  for (const { name, carrier } of carriers) {
    const spanContext = guarded(extractXRayHeader, carrier)
    if (spanContext === undefined) continue
    if (isSampled(spanContext)) {
      const context = { spanContext, baggage: firstBaggage(carriers, formats) }
      return { carrier: name, context, link: undefined }
    }
    link ??= spanContext
  }
  return { carrier: '', context: undefined, link }
}

function extractXRayHeader(carrier: Carrier): SpanContext | undefined {
  const text = carrier('x-amzn-trace-id')
  return text === undefined ? undefined : extractXRay(text)
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
  // Lambda caps it at 3,583 bytes, so that all of it may be gone over.
  const carriers = CLIENT_CONTEXT_FIELDS.flatMap(field => {
    const value = guarded(() => fields[field], nothing)
    return value === undefined ? [] : mapCarriers(CLIENT_CONTEXT, value, readText, true)
  })
  return carriers.length === 0 ? NO_CLIENT_CONTEXT : carriers
}

const nothing: Carrier = () => undefined

const NO_CLIENT_CONTEXT: readonly NamedCarrier[] = [{ name: CLIENT_CONTEXT, carrier: nothing }]

const readXRay = (traceHeader: string | undefined): SpanContext | undefined =>
  traceHeader === undefined ? undefined : extractXRay(traceHeader)

interface LookedAt {
  readonly carriers: readonly NamedCarrier[]
  readonly formats: Extraction
  /** A context of the event that may be a link only. */
  readonly linked: SpanContext | undefined
}

/** Nothing but the platform's own header is left. */
function fromXRay(
  xray: SpanContext | undefined,
  { carriers, formats, linked }: LookedAt,
): ExtractedParent {
  const baggage = firstBaggage(carriers, formats)
  if (xray !== undefined && isSampled(xray) && linked === undefined) {
    return parentFrom(XRAY, { spanContext: xray, baggage }, () => [])
  }
  return without(linked ?? xray, [...namesOf(carriers), XRAY], baggage)
}

const without = (
  link: SpanContext | undefined,
  tried: readonly string[],
  baggage: string | undefined,
): ExtractedParent => ({
  parent: undefined,
  links: link === undefined ? [] : [{ context: link }],
  unreadLinks: 0,
  baggage,
  tried,
})

const namesOf = (carriers: readonly NamedCarrier[]): readonly string[] => [
  ...new Set(carriers.map(({ name }) => name)),
]

/** Contexts that came along with the parent's. */
type Others = readonly (SpanContext | undefined)[]

const spanOf = (carriers: readonly NamedCarrier[], formats: Extraction): SpanContext | undefined =>
  findContext(carriers, formats).context?.spanContext

/** The others are read for their links when these are asked for: after the answer, while nobody waits. */
const parentFrom = (
  carrier: string,
  { spanContext, baggage }: RemoteContext,
  others: () => Others,
): ExtractedParent => ({
  parent: { spanContext, baggage, isRemote: true, carrier },
  get links() {
    const links: FoundLink[] = []
    for (const context of others()) {
      if (context === undefined) continue
      const known = [spanContext, ...links.map(link => link.context)]
      if (!known.some(each => isSameSpan(each, context))) links.push({ context })
    }
    return links
  },
  unreadLinks: 0,
  baggage,
  tried: [],
})

function firstBaggage(carriers: readonly NamedCarrier[], formats: Extraction): string | undefined {
  for (const { carrier } of carriers) {
    const baggage = guarded(formats.extractBaggage, carrier)
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

function attempt(isNeeded: () => boolean): boolean {
  try {
    return isNeeded()
  } catch {
    return false
  }
}

const isSameSpan = (a: SpanContext, b: SpanContext): boolean =>
  a.spanId === b.spanId && a.traceId === b.traceId

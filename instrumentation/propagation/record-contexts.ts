// The contexts of a batch's records. Before the handler runs only as many are read as it takes to know whether they
// are one and the same; the rest is read after the answer, when links are asked for.

import type { Attributes } from '../trace/attributes.ts'
import type { SpanContext } from '../trace/span-context.ts'
import type { NamedCarrier } from './carrier.ts'
import type { FoundContext, FoundLink } from './extract-parent.ts'

/** Where the context of one record may be, in the order in which the carriers count. */
export interface RecordCarriers {
  carriers(): readonly NamedCarrier[]
  /** Those that take parsing to get at: looked at only when the others hold nothing. */
  innerCarriers?(): readonly NamedCarrier[]
  /** What the inner ones hold is no parent: it is the context of work that is over. */
  isInnerLink?(): boolean
  /** Goes on the record's link: which message it was. */
  describe(): Attributes
}

export interface RecordContexts {
  /** What all records name alike; `undefined` when they differ, or one names nothing. */
  readonly shared: FoundContext | undefined
  /** At least one names something. */
  readonly hasAny: boolean
  /** What the record of this number holds. */
  at(index: number): FoundContext
  links(): readonly FoundLink[]
  carriers(): readonly NamedCarrier[]
}

type Find = (carriers: readonly NamedCarrier[]) => FoundContext

const NOTHING: FoundContext = { carrier: '', context: undefined, link: undefined }

export function readRecords(records: readonly RecordCarriers[], find: Find): RecordContexts {
  const found: FoundContext[] = []
  const contextOf = (at: number): FoundContext => {
    found[at] ??= readRecord(records[at], find)
    return found[at]
  }
  const first = contextOf(0)
  let isShared = true
  let hasAny = namedBy(first) !== undefined
  for (let at = 1; at < records.length && (isShared || !hasAny); at++) {
    const span = namedBy(contextOf(at))
    hasAny ||= span !== undefined
    isShared &&= isSame(namedBy(first), span)
  }
  return {
    shared: isShared ? first : undefined,
    hasAny,
    at: contextOf,
    links: () => records.flatMap((record, at) => linkOf(record, contextOf(at))),
    carriers: () => carriersOf(records[0]),
  }
}

function readRecord(record: RecordCarriers | undefined, find: Find): FoundContext {
  if (record === undefined) return NOTHING
  try {
    const own = find(record.carriers())
    if (own.context !== undefined || record.innerCarriers === undefined) return own
    const inner = find(record.innerCarriers())
    if (inner.context === undefined) return { ...NOTHING, link: inner.link ?? own.link }
    if (record.isInnerLink?.() !== true) return inner
    return { ...NOTHING, link: inner.context.spanContext }
  } catch {
    // A record made of getters that throw holds nothing.
    return NOTHING
  }
}

function carriersOf(record: RecordCarriers | undefined): readonly NamedCarrier[] {
  try {
    return record === undefined ? [] : [...record.carriers(), ...(record.innerCarriers?.() ?? [])]
  } catch {
    return []
  }
}

function linkOf(record: RecordCarriers, found: FoundContext): readonly FoundLink[] {
  const context = namedBy(found)
  if (context === undefined) return []
  try {
    return [{ context, attributes: record.describe() }]
  } catch {
    return [{ context }]
  }
}

const namedBy = (found: FoundContext): SpanContext | undefined =>
  found.context?.spanContext ?? found.link

const isSame = (a: SpanContext | undefined, b: SpanContext | undefined): boolean =>
  a === b ||
  (a !== undefined && b !== undefined && a.spanId === b.spanId && a.traceId === b.traceId)

// What Baton knows of an invocation from its event alone: who caused it, what its span is called, and where the
// caller's context may be.

import type { NamedCarrier } from '../propagation/carrier.ts'
import type { FoundLink, Relation } from '../propagation/extract-parent.ts'
import type { RecordCarriers } from '../propagation/record-contexts.ts'
import type { Attributes } from '../trace/attributes.ts'
import type { SpanKind } from '../trace/span-kind.ts'
import type { EventFields } from './fields.ts'
import type { Hop } from './hop.ts'
import type { EventText } from './names.ts'

/** Values of `faas.trigger`. */
export type FaasTrigger = 'http' | 'pubsub' | 'datasource' | 'timer' | 'other'

/** What the handler's result says about the invocation, beyond whether it threw. */
export interface ResultDescription {
  readonly attributes: Attributes
  /** True when the result reports a failure of the function itself, e.g. status 500. */
  readonly isError: boolean
  /** Records that the result reports as failed, by their ids. */
  readonly failures?: BatchFailures
}

/** `all` when the whole batch is to be taken as failed. */
export type BatchFailures = 'all' | ReadonlySet<string>

/** Of a result that says nothing about how the invocation went. */
export const NOTHING_KNOWN: ResultDescription = Object.freeze({
  attributes: Object.freeze({}),
  isError: false,
})

/** One record of a batch, its fields as they were when the event came: the handler may change the event. */
export interface BatchRecord extends RecordCarriers {
  /** The record itself, as it stands in the event. */
  readonly value: unknown
  /** What a handler's `batchItemFailures` calls it. */
  readonly id: string | undefined
  /** Services that the record went through, the first one first. */
  hops?(): readonly Hop[]
}

export interface Batch {
  /** The lists of the event that hold the records: what a handler goes over. */
  readonly lists: readonly (readonly unknown[])[]
  /** Records in all. */
  readonly count: number
  /** The first ones. */
  readonly records: readonly BatchRecord[]
  /** Of the spans of single records. */
  readonly spanName: string
  readonly attributes: Attributes
  /** In a stream a failed record takes all after it along. */
  readonly isOrdered: boolean
}

/** What may be read of the event after the answer, since it takes longer. */
export interface LateDescription {
  readonly spanName?: string
  readonly attributes?: Attributes
  readonly links?: readonly FoundLink[]
}

export interface Trigger {
  /** Name of the source in the table, e.g. `api-gateway-http`; not an attribute. */
  readonly source: string
  readonly faasTrigger: FaasTrigger
  /** Low in cardinality: a route template or a method, never a path with ids in it. */
  readonly spanName: string
  readonly spanKind: SpanKind
  /** Known before the handler runs, `faas.trigger` included. */
  readonly attributes: Attributes
  /** Where the caller's context may be, in the order in which the carriers count. */
  readonly carriers: readonly NamedCarrier[]
  /** What the contexts in the event are to the invocation; `parent` where absent. */
  readonly relation?: Relation
  readonly batch?: Batch
  /** Services that the event went through, the first one first. */
  hops?(): readonly Hop[]
  /** Asked after the answer; may throw on a hostile event. */
  describeLate?(): LateDescription
  /** Reads the handler's result; never throws, whatever the handler returned. */
  describeResult(result: unknown): ResultDescription
}

/** What a source is given beside the event. */
export interface Given extends EventText {
  readonly functionName: string
  /** What caused an event that stands inside of this one; of events inside of that nothing is known. */
  detectInner(event: unknown): Trigger
}

/** One row of the table in detect.ts. */
export interface TriggerSource {
  readonly name: string
  /** True when the event is of this source; reads as few fields as it can. */
  detect(event: EventFields): boolean
  /** Called only on an event that `detect` accepted, which may still be wrong in everything else. */
  describe(event: EventFields, given: Given): Trigger
}

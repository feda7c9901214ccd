// What Baton knows of an invocation from its event alone: who caused it, what its span is called, and where the
// caller's context may be.

import type { NamedCarrier } from '../propagation/carrier.ts'
import type { Attributes } from '../trace/attributes.ts'
import type { SpanKind } from '../trace/span-kind.ts'
import type { EventFields } from './fields.ts'

/** Values of `faas.trigger`. */
export type FaasTrigger = 'http' | 'pubsub' | 'datasource' | 'timer' | 'other'

/** What the handler's result says about the invocation, beyond whether it threw. */
export interface ResultDescription {
  readonly attributes: Attributes
  /** True when the result reports a failure of the function itself, e.g. status 500. */
  readonly isError: boolean
}

/** Of a result that says nothing about how the invocation went. */
export const NOTHING_KNOWN: ResultDescription = Object.freeze({
  attributes: Object.freeze({}),
  isError: false,
})

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
  /** Reads the handler's result; never throws, whatever the handler returned. */
  describeResult(result: unknown): ResultDescription
}

/** One row of the table in detect.ts. */
export interface TriggerSource {
  readonly name: string
  /** True when the event is of this source; reads as few fields as it can. */
  detect(event: EventFields): boolean
  /** Called only on an event that `detect` accepted, which may still be wrong in everything else. */
  describe(event: EventFields, functionName: string): Trigger
}

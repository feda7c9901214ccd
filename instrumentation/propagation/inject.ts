// The active context as names and values, for whatever carries such: headers, message attributes, client context.
import type { SpanContext } from '../trace/span-context.ts'
import { formatTraceparent } from './trace-context.ts'

export interface OutgoingContext {
  readonly spanContext: SpanContext
  /** W3C `baggage` as text. */
  readonly baggage: string | undefined
}

/** Gives the values in the order of their weight: where there is no room for all, the last are left out. */
export type Inject = (context: OutgoingContext, set: (name: string, value: string) => void) => void

/** W3C Trace Context and Baggage. */
export const injectW3C: Inject = ({ spanContext, baggage }, set) => {
  set('traceparent', formatTraceparent(spanContext))
  if (spanContext.traceState !== undefined) set('tracestate', spanContext.traceState)
  if (baggage !== undefined) set('baggage', baggage)
}

/** Nothing: `BATON_INJECT=none`. */
export const injectNothing: Inject = () => {}

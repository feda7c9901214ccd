// What a header format is, and what several of them have in common: ids of 64 or 128 bits, in hex of either case.

import type { SpanContext } from '../trace/span-context.ts'
import type { Carrier } from './carrier.ts'
import { isLowerHex, NO_SPAN_ID, NO_TRACE_ID } from './header-text.ts'

/** What a call made now hands on. */
export interface OutgoingContext {
  readonly spanContext: SpanContext
  /** W3C `baggage` as text. */
  readonly baggage: string | undefined
  /** The X-Ray header of the invocation as it came: fields of others in it, `Lineage` first of all, are handed on. */
  readonly traceHeader?: string | undefined
}

/** Puts one header on a call; names are in lower case. */
export type SetHeader = (name: string, value: string) => void

/** One of the values of `OTEL_PROPAGATORS`. Nothing in it throws on texts. */
export interface Format {
  /** Names of the headers it writes, in lower case; where the names are the user's, what they begin with. */
  readonly fields: readonly string[]
  /** The fields that name a span: where a call has one of them already, the format writes nothing on it. */
  readonly ids: readonly string[]
  /** The caller's span; its baggage is read by `extractBaggage`. */
  extract?(carrier: Carrier): SpanContext | undefined
  /** Baggage in W3C's form, which may travel without a trace. */
  extractBaggage?(carrier: Carrier): string | undefined
  /** True when the carrier says not to trace and names no trace. */
  denies?(carrier: Carrier): boolean
  inject(context: OutgoingContext, set: SetHeader): void
}

/** 32 lower-case digits out of 1 to 32 of either case; `undefined` for what is no id, and for zero. */
export const traceIdOf = (text: string | undefined): string | undefined => idOf(text, NO_TRACE_ID)

/** The same of 16. */
export const spanIdOf = (text: string | undefined): string | undefined => idOf(text, NO_SPAN_ID)

function idOf(text: string | undefined, none: string): string | undefined {
  if (text === undefined || text === '' || text.length > none.length) return undefined
  const id = text.toLowerCase().padStart(none.length, '0')
  // Lower case of some letters beyond ASCII is longer, or is an ASCII letter (the Kelvin sign's): none that is hex.
  return id.length === none.length && isLowerHex(id, 0, id.length) && id !== none ? id : undefined
}

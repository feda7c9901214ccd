// The part of a span that travels: W3C Trace Context's identifiers, and what else came with them.

/** Bit 0 of W3C `trace-flags`. */
export const SAMPLED_FLAG = 0x01

/** Identity of a span, as in the OpenTelemetry specification (`SpanContext`). */
export interface SpanContext {
  /** 32 lower-case hex digits, not all zero. */
  readonly traceId: string
  /** 16 lower-case hex digits, not all zero. */
  readonly spanId: string
  /** W3C `trace-flags`; bit 0 is `sampled`. */
  readonly traceFlags: number
  /** W3C `tracestate` as text, ready to be sent. */
  readonly traceState: string | undefined
  /** A caller's that left it to us whether the trace is sampled; the flag is then set and says nothing. */
  readonly isDeferred?: true
}

/** What a carrier held: the caller's span and its baggage. */
export interface RemoteContext {
  readonly spanContext: SpanContext
  /** W3C `baggage` as text. */
  readonly baggage: string | undefined
}

export const isSampled = (context: SpanContext): boolean =>
  (context.traceFlags & SAMPLED_FLAG) === SAMPLED_FLAG

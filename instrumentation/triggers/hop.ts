// A service in front of the function, as an event tells of it: what an inferred span is made of.

import type { Attributes } from '../trace/attributes.ts'
import type { SpanKind } from '../trace/span-kind.ts'

/** Times are epoch milliseconds as the event says them, by clocks that are not ours; inferred-spans.ts judges them. */
export interface Hop {
  /** Of the service, e.g. `aws.sqs`. */
  readonly service: string
  readonly name: string
  readonly kind: SpanKind
  readonly startMs: number | undefined
  /** When the next service or the function took over; `invocation` for a service that waits for the answer. */
  readonly endMs: number | undefined | 'start' | 'invocation'
  readonly attributes: Attributes
}

/** ISO 8601 as AWS writes it -> epoch milliseconds. */
export function timeOfIso(value: unknown): number | undefined {
  if (typeof value !== 'string' || value.length > MAX_TIME_LENGTH) return undefined
  const time = Date.parse(value)
  return Number.isNaN(time) ? undefined : time
}

/** A number, or its decimal text. */
export function numberOf(value: unknown): number | undefined {
  const number =
    typeof value === 'string' && value !== '' ? Number(value.slice(0, MAX_TIME_LENGTH)) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

/** Epoch seconds, with or without a fraction -> epoch milliseconds. */
export function timeOfSeconds(value: unknown): number | undefined {
  const seconds = numberOf(value)
  return seconds === undefined ? undefined : seconds * 1000
}

const MAX_TIME_LENGTH = 40

// Headers of an HTTP event: `headers`, `multiValueHeaders`, or both, depending on the service and its settings.

import { type Carrier, headerCarriers, type NamedCarrier } from '../../propagation/carrier.ts'
import type { EventFields } from '../fields.ts'

export interface RequestHeaders {
  /** Reads one header, wherever it stands. */
  readonly read: Carrier
  /** Each set of headers by itself: a broken `traceparent` in one must not hide a valid one in the other. */
  readonly carriers: readonly NamedCarrier[]
}

/** An event without any headers still has a carrier, so that it is named among those looked at. */
export function requestHeaders(
  event: EventFields,
  prefix: string,
  isSmall: boolean,
): RequestHeaders {
  const single = headerCarriers(`${prefix}.headers`, event.headers, isSmall)
  if (!isObject(event.multiValueHeaders)) return { read: reader(single), carriers: single }
  const multi = headerCarriers(`${prefix}.multiValueHeaders`, event.multiValueHeaders, isSmall)
  if (!isObject(event.headers)) return { read: reader(multi), carriers: multi }
  const [readSingle, readMulti] = [reader(single), reader(multi)]
  return {
    read: name => readSingle(name) ?? readMulti(name),
    carriers: [...single, ...multi],
  }
}

/** The first of them holds whatever the others hold, but for names that came twice. */
const reader = ([first]: readonly NamedCarrier[]): Carrier => first?.carrier ?? (() => undefined)

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null

// Headers of an HTTP event: `headers`, `multiValueHeaders`, or both, depending on the service and its settings.

import { type Carrier, headerCarrier, type NamedCarrier } from '../propagation/carrier.ts'
import type { EventFields } from './fields.ts'

export interface RequestHeaders {
  /** Reads one header, wherever it stands. */
  readonly read: Carrier
  /** Each set of headers by itself: a broken `traceparent` in one must not hide a valid one in the other. */
  readonly carriers: readonly NamedCarrier[]
}

/** An event without any headers still has a carrier, so that it is named among those looked at. */
export function requestHeaders(event: EventFields, prefix: string): RequestHeaders {
  const single = { name: `${prefix}.headers`, carrier: headerCarrier(event.headers) }
  if (!isObject(event.multiValueHeaders)) return { read: single.carrier, carriers: [single] }
  const multi = {
    name: `${prefix}.multiValueHeaders`,
    carrier: headerCarrier(event.multiValueHeaders),
  }
  if (!isObject(event.headers)) return { read: multi.carrier, carriers: [multi] }
  return {
    read: name => single.carrier(name) ?? multi.carrier(name),
    carriers: [single, multi],
  }
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null

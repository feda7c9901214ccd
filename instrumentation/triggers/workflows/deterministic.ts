// Contexts made of names: every part of an execution makes the same trace of the execution's name, without a carrier.
//
//   trace id = first 32 hex digits of SHA-256 over the execution's name
//   span id  = first 16 hex digits of SHA-256 over the name of the part
//
// It is told as a `traceparent` and as B3's single header, so that whichever format is read finds it.

import type { NamedCarrier } from '../../propagation/carrier.ts'
import { sha256 } from '../../propagation/sha256.ts'

export function deterministicCarrier(name: string, execution: string, part: string): NamedCarrier {
  let ids: readonly [traceId: string, spanId: string] | undefined
  return {
    name,
    carrier: header => {
      if (header !== 'traceparent' && header !== 'b3') return undefined
      ids ??= [sha256(execution).slice(0, 32), sha256(part).slice(0, 16)]
      const [traceId, spanId] = ids
      return header === 'b3' ? `${traceId}-${spanId}-1` : `00-${traceId}-${spanId}-01`
    },
  }
}

// The carriers of an event that stands inside of another one: what a destination or a durable execution was given.

import type { NamedCarrier } from '../propagation/carrier.ts'
import type { Trigger } from './trigger.ts'

/** Those of the event as a whole or, of a batch, of its first record. */
export function carriersOfTrigger({ carriers, batch }: Trigger): readonly NamedCarrier[] {
  const record = batch?.records[0]
  if (record === undefined) return carriers
  return [...record.carriers(), ...(record.innerCarriers?.() ?? [])]
}

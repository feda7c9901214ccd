// Services that call a function as a part of their own work: the span has the function's name, and attributes say who
// called and why.

import type { NamedCarrier } from '../../propagation/carrier.ts'
import type { Attributes } from '../../trace/attributes.ts'
import { type EventFields, nameOf } from '../fields.ts'
import { describeOther } from '../other.ts'
import type { TriggerSource } from '../trigger.ts'

/** Ours: no convention has a name for these. */
const ATTR_EVENT_SOURCE = 'baton.event.source'
const ATTR_EVENT_TYPE = 'baton.event.type'

interface ServiceFields {
  readonly name: string
  detect(event: EventFields): boolean
  /** What kind of event it is, of few values. */
  kindOf?(event: EventFields): unknown
  attributesOf?(event: EventFields): Attributes
  carriersOf?(event: EventFields): readonly NamedCarrier[]
}

export const service = (fields: ServiceFields): TriggerSource => ({
  name: fields.name,
  detect: fields.detect,
  describe: (event, { functionName }) => {
    const trigger = describeOther(fields.name, functionName)
    return {
      ...trigger,
      attributes: {
        ...trigger.attributes,
        [ATTR_EVENT_SOURCE]: fields.name,
        [ATTR_EVENT_TYPE]: nameOf(fields.kindOf?.(event)),
        ...fields.attributesOf?.(event),
      },
      carriers: fields.carriersOf?.(event) ?? [],
    }
  },
})

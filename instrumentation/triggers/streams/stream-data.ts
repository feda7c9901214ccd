// What a stream's record carries: bytes of anybody's choosing, which may be JSON with trace headers in it.

import type { NamedCarrier } from '../../propagation/carrier.ts'
import { fieldsOf } from '../fields.ts'
import { CARRIER_MARKS, decodeObject, mayHold, type ParseBudget, parseObject } from '../json.ts'
import { fieldCarriers } from '../messages/message-attributes.ts'

/** Fields of the data itself and, where it is an event of EventBridge, of its `detail`. */
export function dataCarriers(
  name: string,
  data: unknown,
  budget: ParseBudget,
): readonly NamedCarrier[] {
  const text = decodeObject(data, budget)
  if (!mayHold(text, CARRIER_MARKS, budget)) return [{ name, carrier: nothing }]
  const fields = parseObject(text, budget)
  if (fields === undefined) return [{ name, carrier: nothing }]
  const { detail, headers } = fields
  return [
    ...fieldCarriers(name, fields),
    ...(detail === undefined ? [] : fieldCarriers(`${name}.detail`, fieldsOf(detail))),
    ...(headers === undefined ? [] : fieldCarriers(`${name}.headers`, fieldsOf(headers))),
  ]
}

const nothing = (): undefined => undefined

// Maps of lists: records by topic and partition (Kafka) or by queue (RabbitMQ).

import { fieldsOf, listOf } from '../fields.ts'

/** Lambda polls fewer partitions at once; the rest of a hostile map is not looked at. */
const MAX_LISTS = 64

/** The lists that hold anything. */
export function listsOf(map: unknown): readonly (readonly unknown[])[] {
  const fields = fieldsOf(map)
  if (Array.isArray(map)) return [map]
  const lists: (readonly unknown[])[] = []
  let count = 0
  for (const name in fields) {
    if (++count > MAX_LISTS) break
    const list = Object.hasOwn(fields, name) ? listOf(fields[name]) : []
    if (list.length > 0) lists.push(list)
  }
  return lists
}

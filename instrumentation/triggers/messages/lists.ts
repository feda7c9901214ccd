// Maps of lists: records by topic and partition (Kafka) or by queue (RabbitMQ).

import { fieldsOf, listOf } from '../fields.ts'

/** Lambda polls fewer partitions at once; the rest of a hostile map is not looked at. */
const MAX_LISTS = 64

type Lists = readonly (readonly unknown[])[]

/** The lists that hold anything. */
export const listsOf = (map: unknown): Lists => namedListsOf(map).lists

/** The same, with the name of the first of them. */
export function namedListsOf(map: unknown): {
  readonly lists: Lists
  readonly name: string | undefined
} {
  if (Array.isArray(map)) return { lists: [map], name: undefined }
  const fields = fieldsOf(map)
  const lists: (readonly unknown[])[] = []
  let first: string | undefined
  let count = 0
  for (const name in fields) {
    if (++count > MAX_LISTS) break
    const list = Object.hasOwn(fields, name) ? listOf(fields[name]) : []
    if (list.length === 0) continue
    lists.push(list)
    first ??= name
  }
  return { lists, name: first }
}

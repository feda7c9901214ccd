// Maps of lists: records by topic and partition (Kafka) or by queue (RabbitMQ).

import { MAX_RECORDS } from '../batch.ts'
import { fieldsOf, listOf, nameOf } from '../fields.ts'
import { type EventText, namesOf } from '../names.ts'

type Lists = readonly (readonly unknown[])[]

/** Lists of a map, as far as they are looked at. */
export interface ListsOfMap {
  /** The first lists that hold anything: one for each record that is read, at least. */
  readonly lists: Lists
  /** Records in all lists that are known. */
  readonly count: number
  /** Name of the first list. */
  readonly name: string | undefined
  /** The map may have more lists. */
  readonly isCut: boolean
}

/** Lists whose records are counted. A topic with more partitions than these is rare, and polled in parts. */
const MAX_LISTS = 256

/** `key` is the map's own name in the event. */
export function listsIn(map: unknown, key: string, event: EventText): ListsOfMap {
  if (Array.isArray(map)) {
    return { lists: [map], count: map.length, name: undefined, isCut: false }
  }
  const fields = fieldsOf(map)
  const { names, isCut } = namesOf(map, key, event, MAX_LISTS)
  const found = isCut ? [...new Set([...names, ...siblingsOf(names[0], fields)])] : names
  const held = found.filter(name => listOf(fields[name]).length > 0)
  const lists = held.map(name => listOf(fields[name]))
  return {
    lists: lists.slice(0, MAX_RECORDS),
    count: lists.reduce((sum, list) => sum + list.length, 0),
    name: held[0],
    isCut,
  }
}

/**
 * An event source mapping has one topic, and its partitions have numbers: from one of `orders-0`, `orders-7`, … the
 * others can be looked up, each in 0.1 µs.
 */
function siblingsOf(name: string | undefined, fields: Readonly<Record<string, unknown>>): string[] {
  if (name === undefined) return []
  const { topic } = fieldsOf(listOf(fields[name])[0])
  const prefix = nameOf(topic)
  if (prefix === undefined || !name.startsWith(`${prefix}-`)) return []
  const siblings: string[] = []
  for (let partition = 0; partition < MAX_LISTS; partition++) {
    const sibling = `${prefix}-${partition}`
    if (Object.hasOwn(fields, sibling)) siblings.push(sibling)
  }
  return siblings
}

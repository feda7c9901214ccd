// The names of an object in an event, where what it is depends on them: topics, queues, keys of an item.
//
// V8 lists all names of an object before the first turn of a `for…in`, and JSON cannot tell how many there are: 400,000
// of them, 5 MB, take 80 ms. So an object of a large event is never gone over. Its first names are read from the first
// 8 KB of the event's text instead, which takes 20 µs however many there are, and then looked up.

import { fieldsOf } from './fields.ts'

/** What is known of the event's size. */
export interface EventText {
  /** The event is so small that going over all names of an object in it costs next to nothing. */
  readonly isSmall: boolean
  /** The first part of its text; absent where that is not known or not needed. */
  readonly head?: string | undefined
}

export interface Names {
  readonly names: readonly string[]
  /** The object may have more names than these. */
  readonly isCut: boolean
}

const NO_NAMES: Names = { names: [], isCut: true }

/** The first names of an object in the event, in their order: `map`, which stands under the name `key`. */
export function namesOf(map: unknown, key: string, event: EventText, limit: number): Names {
  const fields = fieldsOf(map)
  if (!event.isSmall) {
    const { names, isCut } = namesInText(event.head ?? '', key, limit)
    // The first object of that name in the text may be another one.
    return { names: names.filter(name => Object.hasOwn(fields, name)), isCut }
  }
  const names: string[] = []
  for (const name in fields) {
    if (!Object.hasOwn(fields, name)) continue
    if (names.length === limit) return { names, isCut: true }
    names.push(name)
  }
  return { names, isCut: false }
}

/** Quotes inside of a text are escaped, so that a name cannot be mistaken for a part of one. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[[\]{},"]/gs
/** What a token adds to the depth. */
const STEPS: ReadonlyMap<string, number> = new Map([
  ['{', 1],
  ['[', 1],
  ['}', -1],
  [']', -1],
])

/**
 * The names of the first object under this name, as far as a JSON text has them that may end anywhere. Never throws.
 *
 *     "records": {"orders-0": [{"topic":"orders", … }], "orders-1": [ …
 */
export function namesInText(text: string, key: string, limit: number): Names {
  const opening = new RegExp(`${JSON.stringify(key)}\\s*:\\s*\\{`, 'g')
  if (!opening.test(text)) return NO_NAMES
  const tokens = new RegExp(TOKENS)
  tokens.lastIndex = opening.lastIndex
  const names: string[] = []
  let depth = 1
  let isName = true
  while (depth > 0) {
    const token = tokens.exec(text)?.[0]
    // A quote alone begins the text that the end cut off.
    if (token === undefined || token === '"' || names.length === limit) break
    const step = STEPS.get(token) ?? 0
    if (step === 0 && depth === 1) {
      if (isName) names.push(decode(token))
      isName = token === ','
    }
    depth += step
  }
  return { names, isCut: depth > 0 }
}

function decode(token: string): string {
  try {
    return JSON.parse(token)
  } catch {
    return token.slice(1, -1)
  }
}

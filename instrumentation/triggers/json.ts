// JSON inside of JSON: bodies, envelopes, base64 data. What is parsed of one event is bounded as a whole, since its
// author may send megabytes of it; most bodies hold no context, and are not parsed at all.

import { type EventFields, fieldsOf } from './fields.ts'

/** Characters that may still be parsed of one event. */
export interface ParseBudget {
  left: number
}

/** Parsing as much of the slowest kind of JSON (nested lists) takes 0.5 ms. */
const MAX_PARSED = 96 * 1024
/** Longest single text: half of the largest message, beyond any envelope of a message that carries a context. */
const MAX_TEXT = 48 * 1024

export const newBudget = (): ParseBudget => ({ left: MAX_PARSED })

/** The fields of a JSON object; `undefined` for any other text, and for one beyond the budget. */
export function parseObject(text: unknown, budget: ParseBudget): EventFields | undefined {
  if (typeof text !== 'string' || text.length > MAX_TEXT || text.length > budget.left)
    return undefined
  if (!beginsObject(text)) return undefined
  budget.left -= text.length
  try {
    return fieldsOf(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** True when the text can be a JSON object and one of these marks stands in it. */
export function mayHold(text: unknown, marks: readonly string[]): text is string {
  return (
    typeof text === 'string' &&
    text.length <= MAX_TEXT &&
    beginsObject(text) &&
    marks.some(mark => text.includes(mark))
  )
}

/** The text behind base64, when its first character says that it may be a JSON object. */
export function decodeObject(data: unknown, budget: ParseBudget): string | undefined {
  // `{` is the six bits of `e` and two more.
  if (typeof data !== 'string' || data[0] !== 'e') return undefined
  if (data.length > MAX_TEXT || data.length > budget.left) return undefined
  budget.left -= data.length >> 2
  return Buffer.from(data, 'base64').toString('utf8')
}

const OPEN = 0x7b
const SPACE = 0x20
const MAX_BLANKS = 16

function beginsObject(text: string): boolean {
  let at = 0
  while (at < MAX_BLANKS && text.charCodeAt(at) <= SPACE) at++
  return text.charCodeAt(at) === OPEN
}

/**
 * The `MessageAttributes` of an SNS notification too long to be parsed. SNS writes them last, and inside of texts
 * quotes are escaped, so that no message can pretend to be them.
 */
export function parseTail(text: string, budget: ParseBudget): EventFields | undefined {
  const at = text.lastIndexOf('"MessageAttributes"')
  return at === -1 ? undefined : parseObject(`{${text.slice(at)}`, budget)
}

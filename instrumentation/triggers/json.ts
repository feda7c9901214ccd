// JSON inside of JSON: bodies, envelopes, base64 data. What is parsed of one event is bounded as a whole, since its
// author may send megabytes of it; most bodies hold no context, and are not parsed at all.

import { type EventFields, fieldsOf } from './fields.ts'

/** Characters that may still be parsed of one event. */
export interface ParseBudget {
  left: number
  /** The same for texts that are only searched. */
  toSearch: number
}

/** Parsing as much of an ordinary JSON takes 0.05 ms, of one with nothing but names 0.8 ms. */
const MAX_PARSED = 64 * 1024
/** A list or an object that opens costs as much as so many characters: nested lists alone take 35 ns each. */
const OPENING_COST = 16
/** Longest single text; most messages have less than 10 KB. */
const MAX_TEXT = 32 * 1024
/** Texts searched for marks, which is 100 times faster. */
const MAX_SEARCHED = 1024 * 1024

export const newBudget = (): ParseBudget => ({ left: MAX_PARSED, toSearch: MAX_SEARCHED })

/** The fields of a JSON object; `undefined` for any other text, and for one beyond the budget. */
export function parseObject(text: unknown, budget: ParseBudget): EventFields | undefined {
  if (typeof text !== 'string' || text.length > MAX_TEXT || text.length > budget.left)
    return undefined
  if (!beginsObject(text) || !isAffordable(text, budget)) return undefined
  try {
    return fieldsOf(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** Takes the text's cost off the budget; of one that costs too much, what it took to find that out. */
function isAffordable(text: string, budget: ParseBudget): boolean {
  let cost = text.length
  for (const opening of '[{') {
    let at = text.indexOf(opening)
    for (; at !== -1 && cost <= budget.left; at = text.indexOf(opening, at + 1))
      cost += OPENING_COST
  }
  const isWithin = cost <= budget.left
  budget.left -= isWithin ? cost : (cost - text.length) / 2
  return isWithin
}

/** True when the text can be a JSON object and one of these marks stands in it. */
export function mayHold(
  text: unknown,
  marks: readonly string[],
  budget: ParseBudget,
): text is string {
  if (typeof text !== 'string' || text.length > Math.min(MAX_TEXT, budget.toSearch)) return false
  if (!beginsObject(text)) return false
  budget.toSearch -= text.length
  return marks.some(mark => text.includes(mark))
}

/** Parts of the names of all headers that are read: data without any of them is not parsed. */
export const CARRIER_MARKS: readonly string[] = [
  ...['race', 'RACE', 'b3', 'B3', 'nstana', 'NSTANA', 'atadog', 'ATADOG'],
]

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
  const tail = text.slice(-MAX_TAIL)
  const at = tail.indexOf('"MessageAttributes"')
  return at === -1 ? undefined : parseObject(`{${tail.slice(at)}`, budget)
}

const MAX_TAIL = 8 * 1024

// Baggage in formats that give each member a header of its own, `uberctx-tenant: acme`, to and from W3C's one text.

import { parseBaggage } from './baggage.ts'
import type { Carrier } from './carrier.ts'
import { trimBlanks } from './header-text.ts'

/** The members whose headers begin so, in W3C's form; `undefined` when there are none. */
export function extractPrefixed(
  carrier: Carrier,
  prefix: string,
  decode: (text: string) => string,
): string | undefined {
  const members: string[] = []
  for (const name of carrier.namesWith?.(prefix) ?? []) {
    const text = carrier(name)
    const value = text === undefined ? undefined : encodeText(decode(text))
    if (value !== undefined) members.push(`${name.slice(prefix.length)}=${value}`)
  }
  return members.length === 0 ? undefined : parseBaggage(members.join(','))
}

/** Each member of a W3C baggage with its value decoded; properties behind a value have no place in other formats. */
export function forEachMember(
  baggage: string | undefined,
  act: (key: string, value: string) => void,
): void {
  if (baggage === undefined) return
  for (const member of baggage.split(',')) {
    const { key, value } = splitMember(member)
    // What does not decode to text cannot be encoded again.
    if (key !== '' && encodeText(value) !== undefined) act(key, value)
  }
}

/** The first text's members, then those of the second whose keys are new. */
export function mergeBaggage(
  first: string | undefined,
  second: string | undefined,
): string | undefined {
  if (first === undefined || second === undefined) return first ?? second
  const keys = new Set(first.split(',').map(member => splitMember(member).key))
  const added = second.split(',').filter(member => !keys.has(splitMember(member).key))
  return added.length === 0 ? first : parseBaggage([first, ...added].join(','))
}

function splitMember(member: string): { key: string; value: string } {
  const equals = member.indexOf('=')
  if (equals === -1) return { key: '', value: '' }
  const end = member.indexOf(';', equals)
  const value = trimBlanks(member.slice(equals + 1, end === -1 ? undefined : end))
  return { key: trimBlanks(member.slice(0, equals)), value: decodeText(value) }
}

/** Percent-decoded; as it stands when it is not percent-encoded. */
export function decodeText(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** `undefined` for half a character. */
function encodeText(text: string): string | undefined {
  try {
    return encodeURIComponent(text)
  } catch {
    return undefined
  }
}

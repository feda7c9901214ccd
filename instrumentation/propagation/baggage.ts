// W3C Baggage as text: Baton carries it on and does not interpret it. https://www.w3.org/TR/baggage/
//
//   baggage: tenant=acme,feature=checkout%20v2;ttl=60

import { trimBlanks } from './header-text.ts'

// Limits of the specification (section 3.3.2 of its last numbered draft, kept by every OpenTelemetry SDK).
const MAX_LENGTH = 8192
const MAX_MEMBERS = 180

// A member's value may hold whatever can stand in a header: what is inside is the application's business. A line
// end or a character beyond ASCII is not carried on, since it would make the next request throw or split in two.
const MEMBER = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+[ \t]*=[\t\x20-\x7e]*$/

/**
 * The baggage to be carried on: broken members left out, the rest cut at a whole member when it is beyond the limits
 * of the specification. `undefined` when nothing is left.
 */
export function parseBaggage(text: string): string | undefined {
  let kept = ''
  let count = 0
  for (const part of cutAtMember(text).split(',')) {
    const member = trimBlanks(part)
    if (member === '' || !MEMBER.test(member)) continue
    if (++count > MAX_MEMBERS) break
    kept = kept === '' ? member : `${kept},${member}`
  }
  return kept === '' ? undefined : kept
}

/** Characters are bytes here: a member with any beyond ASCII is left out. */
function cutAtMember(text: string): string {
  if (text.length <= MAX_LENGTH) return text
  const end = text.lastIndexOf(',', MAX_LENGTH)
  return end === -1 ? '' : text.slice(0, end)
}

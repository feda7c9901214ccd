// W3C Trace Context: `traceparent` and `tracestate`. https://www.w3.org/TR/trace-context/
//
//   traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
//                version, trace-id, parent-id, trace-flags

import { SAMPLED_FLAG, type SpanContext } from '../trace/span-context.ts'
import { isLowerHex, isPrintable, NO_SPAN_ID, NO_TRACE_ID, trimBlanks } from './header-text.ts'

// Level 2 gives bit 1 a meaning (the trace id is random) that must be passed on; unknown bits must be sent as zero.
const KNOWN_FLAGS = SAMPLED_FLAG | 0x02

/** Of version 00; later versions may append fields. */
const LENGTH = 55

/** Section 3.3.1.1 of the recommendation. */
const MAX_MEMBERS = 32

// Section 3.3.1.3: a key is one name, or a tenant and a system joined by `@`.
const MAX_KEY_LENGTH = 256
const MAX_TENANT_LENGTH = 241
const MAX_SYSTEM_LENGTH = 14
const MAX_VALUE_LENGTH = 256

/**
 * The caller's span, its `tracestate` still to be added; `undefined` unless the header is valid to the letter.
 * Of a version yet to come only what the recommendation promises is read: both ids and the sampled bit.
 */
export function parseTraceparent(text: string): SpanContext | undefined {
  if (text[2] !== '-' || text[35] !== '-' || text[52] !== '-') return undefined
  const areHex =
    isLowerHex(text, 0, 2) &&
    isLowerHex(text, 3, 35) &&
    isLowerHex(text, 36, 52) &&
    isLowerHex(text, 53, LENGTH)
  if (!areHex) return undefined
  const version = text.slice(0, 2)
  const hasMore = text.length > LENGTH
  if (version === 'ff' || (hasMore && (version === '00' || text[LENGTH] !== '-'))) return undefined
  const traceId = text.slice(3, 35)
  const spanId = text.slice(36, 52)
  if (traceId === NO_TRACE_ID || spanId === NO_SPAN_ID) return undefined
  const known = version === '00' ? KNOWN_FLAGS : SAMPLED_FLAG
  const traceFlags = Number.parseInt(text.slice(53, LENGTH), 16) & known
  return { traceId, spanId, traceFlags, traceState: undefined }
}

/**
 * A `tracestate` ready to be sent on, blanks and empty members taken out. `undefined` when it is empty or when any
 * of it is malformed: the recommendation forbids passing on half of it.
 */
export function parseTracestate(text: string): string | undefined {
  const members: string[] = []
  const keys = new Set<string>()
  for (const part of text.split(',')) {
    const member = trimBlanks(part)
    if (member === '') continue
    const key = keyOf(member)
    if (key === undefined || keys.has(key) || members.length === MAX_MEMBERS) return undefined
    keys.add(key)
    members.push(member)
  }
  return members.length === 0 ? undefined : members.join(',')
}

/** The key of a valid member: blanks around it are gone, so that its value cannot end in one. */
function keyOf(member: string): string | undefined {
  const at = member.indexOf('=')
  const value = member.slice(at + 1)
  if (at === -1 || value === '' || value.length > MAX_VALUE_LENGTH) return undefined
  if (value.includes('=') || !isPrintable(value)) return undefined
  const key = member.slice(0, at)
  return isKey(key) ? key : undefined
}

function isKey(key: string): boolean {
  const at = key.indexOf('@')
  // Level 2 lets every key begin with a digit, level 1 only a tenant; the wider rule loses nobody's state.
  if (at === -1) return isKeyPart(key, MAX_KEY_LENGTH)
  const system = key.slice(at + 1)
  const isNamed = system.charCodeAt(0) >= 0x61
  return (
    isNamed &&
    isKeyPart(key.slice(0, at), MAX_TENANT_LENGTH) &&
    isKeyPart(system, MAX_SYSTEM_LENGTH)
  )
}

/** Lower-case letters and digits and, after the first, `_`, `-`, `*` and `/`. */
function isKeyPart(part: string, maxLength: number): boolean {
  if (part === '' || part.length > maxLength) return false
  for (let i = 0; i < part.length; i++) {
    const code = part.charCodeAt(i)
    const isLetter = code >= 0x61 && code <= 0x7a
    const isDigit = code >= 0x30 && code <= 0x39
    if (!isLetter && !isDigit && (i === 0 || !'_-*/'.includes(part.charAt(i)))) return false
  }
  return true
}

/** The `traceparent` of a call made inside the given span. */
export const formatTraceparent = (context: SpanContext): string =>
  `00-${context.traceId}-${context.spanId}-${(context.traceFlags & 0xff).toString(16).padStart(2, '0')}`

// Where trace headers are read from: every source of context is turned into one function from a lower-case name to
// a text, so that header formats know nothing of events and events know nothing of header formats.

import { trimBlanks } from './header-text.ts'

/** Reads one header by its lower-case name; `undefined` when there is no usable text. Never throws on JSON data. */
export interface Carrier {
  (name: string): string | undefined
  /** The names that begin so, in lower case and each once; absent where a carrier cannot tell. */
  namesWith?: (prefix: string) => readonly string[]
}

/** A carrier with the name under which it is reported when it held no context, e.g. `apigateway.headers`. */
export interface NamedCarrier {
  readonly name: string
  readonly carrier: Carrier
}

type ReadValue = (value: unknown, name: string) => string | undefined

/** API Gateway caps a request's headers at 10,240 bytes; no trace header that means anything is longer than this. */
export const MAX_VALUE_LENGTH = 8192

// Header objects of real events hold 10 to 60 names; the rest of a hostile one is not looked at.
const MAX_NAMES = 512
const MAX_NAME_LENGTH = 64
const MAX_VALUES = 64
const MAX_LISTED = 180

/**
 * Reads HTTP headers whose names may be in any case and whose values are texts or lists of texts (API Gateway's and
 * ALB's `headers` and `multiValueHeaders` alike). Of a list, the first text counts; `tracestate` and `baggage` are
 * list headers, so theirs are joined. Whatever is not an object holds nothing.
 */
export const headerCarrier = (headers: unknown): Carrier => carrierOf(headers, readHeader)

/** Reads a plain map of texts, names in any case; values that are not texts are as good as absent. */
export const mapCarrier = (map: unknown): Carrier => carrierOf(map, readText)

function carrierOf(source: unknown, read: ReadValue): Carrier {
  if (typeof source !== 'object' || source === null || Array.isArray(source)) return holdsNothing
  const fields = source as Readonly<Record<string, unknown>>
  let oddCased: Map<string, unknown> | undefined
  const carrier: Carrier = name => {
    // Own properties only: what some package put on Object.prototype is no header.
    const exact = Object.hasOwn(fields, name) ? read(fields[name], name) : undefined
    if (exact !== undefined) return exact
    // HTTP/2, ALB and HTTP APIs send lower case only, so most events never pay for more than this walk over names.
    oddCased ??= indexOddCased(fields)
    return read(oddCased.get(name), name)
  }
  carrier.namesWith = prefix => listNames(fields, prefix)
  return carrier
}

const holdsNothing: Carrier = () => undefined

function indexOddCased(fields: Readonly<Record<string, unknown>>): Map<string, unknown> {
  const index = new Map<string, unknown>()
  let count = 0
  for (const key in fields) {
    if (++count > MAX_NAMES) break
    if (key.length > MAX_NAME_LENGTH) continue
    const name = key.toLowerCase()
    if (name !== key && !index.has(name) && Object.hasOwn(fields, key)) index.set(name, fields[key])
  }
  return index
}

function listNames(fields: Readonly<Record<string, unknown>>, prefix: string): readonly string[] {
  const names = new Set<string>()
  let count = 0
  for (const key in fields) {
    if (++count > MAX_NAMES || names.size === MAX_LISTED) break
    if (key.length > MAX_NAME_LENGTH || !Object.hasOwn(fields, key)) continue
    const name = key.toLowerCase()
    if (name.startsWith(prefix)) names.add(name)
  }
  return [...names]
}

// Blanks around a field's value are not part of it, and some gateways leave them there.
function readHeader(value: unknown, name: string): string | undefined {
  const text = readText(Array.isArray(value) ? readList(value, name) : value, name)
  return text === undefined ? undefined : trimBlanks(text)
}

function readList(values: readonly unknown[], name: string): string | undefined {
  const isListHeader = name === 'tracestate' || name === 'baggage'
  let joined: string | undefined
  for (let i = 0; i < values.length && i < MAX_VALUES; i++) {
    const value = values[i]
    if (typeof value !== 'string') continue
    if (!isListHeader) return value
    joined = joined === undefined ? value : `${joined},${value}`
  }
  return joined
}

function readText(value: unknown, name: string): string | undefined {
  if (typeof value !== 'string') return undefined
  if (value.length <= MAX_VALUE_LENGTH) return value
  // Baggage alone may be cut (at a whole member, by its reader); one character more tells it that this is needed.
  return name === 'baggage' ? value.slice(0, MAX_VALUE_LENGTH + 1) : undefined
}

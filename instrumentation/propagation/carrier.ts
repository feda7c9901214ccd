// Where trace headers are read from: every source of context is turned into one function from a lower-case name to
// a text, so that header formats know nothing of events and events know nothing of header formats.

import { trimBlanks } from './header-text.ts'
import { spellingsOf } from './spellings.ts'

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
  /** False when it holds nothing that those before it do not, once these have been asked; needed where absent. */
  readonly isNeeded?: () => boolean
}

type ReadValue = (value: unknown, name: string) => string | undefined

/** The text that is number `nth`, from 0, of those that stand under a name in one spelling or another. */
interface Lookup {
  (name: string, nth: number): string | undefined
  namesWith?: Carrier['namesWith']
}

/** API Gateway caps a request's headers at 10,240 bytes; no trace header that means anything is longer than this. */
export const MAX_VALUE_LENGTH = 8192

// Header objects of real events hold 10 to 60 names; the rest of a hostile one is not looked at.
const MAX_NAMES = 512
const MAX_NAME_LENGTH = 64
const MAX_VALUES = 64
const MAX_LISTED = 180
/** A name that comes twice is broken or hostile; more than its first few texts are not tried. */
const MAX_TEXTS = 4

/**
 * Reads HTTP headers whose names may be in any case and whose values are texts or lists of texts (API Gateway's and
 * ALB's `headers` and `multiValueHeaders` alike). Of a list, the first text counts; `tracestate` and `baggage` are
 * list headers, so theirs are joined. Whatever is not an object holds nothing. `mayWalk` is false for objects too
 * large to be walked over: the spellings that clients use are found all the same.
 */
export const headerCarrier = (headers: unknown, mayWalk = true): Carrier =>
  carrierOf(lookupIn(headers, readHeader, mayWalk))

/** Reads a plain map of texts, names in any case; values that are not texts are as good as absent. */
export const mapCarrier = (map: unknown, mayWalk = true): Carrier =>
  carrierOf(lookupIn(map, readText, mayWalk))

/**
 * The same headers as several carriers: where a name came in two spellings, a broken text in one must not hide a valid
 * one in the other. All but the first hold nothing in the usual case.
 */
export const headerCarriers = (
  name: string,
  headers: unknown,
  mayWalk = true,
): readonly NamedCarrier[] => layersOf(name, lookupIn(headers, readHeader, mayWalk))

/** The same for a plain map of texts, or of whatever `read` makes a text of. */
export const mapCarriers = (
  name: string,
  map: unknown,
  read: ReadValue = readText,
  mayWalk: boolean = false,
): readonly NamedCarrier[] => layersOf(name, lookupIn(map, read, mayWalk))

/**
 * A list of objects with one header each, as Kafka has them. Of more than `limit` the first and the last ones are looked at:
 * tracers come after the application, and most append theirs.
 */
export const listCarriers = (
  name: string,
  list: unknown,
  read: ReadValue,
  limit: number = MAX_VALUES,
): readonly NamedCarrier[] =>
  layersOf(name, Array.isArray(list) ? lookupInList(endsOf(list, limit), read) : none)

function endsOf(list: readonly unknown[], limit: number): readonly unknown[] {
  if (list.length <= limit) return list
  const half = limit >> 1
  return [...list.slice(0, limit - half), ...(half === 0 ? [] : list.slice(-half))]
}

const none: Lookup = () => undefined

function carrierOf(lookup: Lookup): Carrier {
  const carrier: Carrier = name => lookup(name, 0)
  if (lookup.namesWith !== undefined) carrier.namesWith = lookup.namesWith
  return carrier
}

function layersOf(name: string, lookup: Lookup): readonly NamedCarrier[] {
  const found: string[] = []
  const first: Carrier = header => {
    const text = lookup(header, 0)
    if (text !== undefined && found.length < MAX_VALUES) found.push(header)
    return text
  }
  if (lookup.namesWith !== undefined) first.namesWith = lookup.namesWith
  const layers: NamedCarrier[] = [{ name, carrier: first }]
  for (let nth = 1; nth < MAX_TEXTS; nth++) {
    let known: boolean | undefined
    // Whoever asks here has asked the first layer for all that it reads.
    const isNeeded = (): boolean => {
      known ??= found.some(each => lookup(each, nth) !== undefined)
      return known
    }
    const carrier: Carrier = header =>
      isNeeded() ? (lookup(header, nth) ?? lookup(header, 0)) : undefined
    layers.push({ name, carrier, isNeeded })
  }
  return layers
}

type Names = Readonly<Record<string, unknown>>

function lookupIn(source: unknown, read: ReadValue, mayWalk: boolean): Lookup {
  if (!isMap(source)) return none
  let oddCased: ReadonlyMap<string, readonly unknown[]> | undefined
  const lookup: Lookup = (name, nth) => {
    let left = nth
    for (const spelling of spellingsOf(name)) {
      const text = textUnder(source, spelling, name, read)
      if (text !== undefined && left-- === 0) return text
    }
    if (!mayWalk) return undefined
    oddCased ??= indexOddCased(source)
    for (const value of oddCased.get(name) ?? []) {
      const text = read(value, name)
      if (text !== undefined && left-- === 0) return text
    }
    return undefined
  }
  if (mayWalk) lookup.namesWith = prefix => listNames(source, prefix)
  return lookup
}

function lookupInList(list: readonly unknown[], read: ReadValue): Lookup {
  const maps = list.filter(isMap)
  return (name, nth) => {
    const spellings = spellingsOf(name)
    let left = nth
    for (const map of maps) {
      for (const spelling of spellings) {
        const text = textUnder(map, spelling, name, read)
        if (text === undefined) continue
        if (left-- === 0) return text
        // One header each: what else stands there is no other one.
        break
      }
    }
    return undefined
  }
}

const isMap = (value: unknown): value is Names =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Own properties only: what some package put on Object.prototype is no header. Most of those asked for are not there. */
const textUnder = (
  map: Names,
  spelling: string,
  name: string,
  read: ReadValue,
): string | undefined => (Object.hasOwn(map, spelling) ? read(map[spelling], name) : undefined)

/** By lower-case name, what stands under spellings that are not among the known ones. */
function indexOddCased(fields: Names): ReadonlyMap<string, readonly unknown[]> {
  const index = new Map<string, unknown[]>()
  let count = 0
  // Node lists every name before the first turn of this loop (0.7 ms for 10,000), so the bound below does not bound
  // that: whoever has a large object forbids the walk.
  for (const key in fields) {
    if (++count > MAX_NAMES) break
    if (key.length > MAX_NAME_LENGTH) continue
    const name = key.toLowerCase()
    if (name === key || !Object.hasOwn(fields, key)) continue
    if (spellingsOf(name).includes(key)) continue
    const values = index.get(name)
    if (values === undefined) index.set(name, [fields[key]])
    else if (values.length < MAX_TEXTS) values.push(fields[key])
  }
  return index
}

function listNames(fields: Names, prefix: string): readonly string[] {
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

/** The text itself, if it is one and is short enough to mean anything. */
export function readText(value: unknown, name: string): string | undefined {
  if (typeof value !== 'string') return undefined
  if (value.length <= MAX_VALUE_LENGTH) return value
  // Baggage alone may be cut (at a whole member, by its reader); one character more tells it that this is needed.
  return name === 'baggage' ? value.slice(0, MAX_VALUE_LENGTH + 1) : undefined
}

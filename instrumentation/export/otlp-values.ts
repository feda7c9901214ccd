// OTLP's KeyValue and AnyValue, read back.
import { ByteReader, DamagedError, fixed64Tag, lengthTag, varintTag } from './byte-reader.ts'

/** Whole numbers are bigints and all others numbers, so that a value says which of OTLP's two kinds it was. */
export type DecodedValue =
  | string
  | boolean
  | bigint
  | number
  | Uint8Array
  | readonly DecodedValue[]
  | DecodedMap
  | undefined

export interface DecodedMap {
  readonly entries: DecodedAttributes
}

/** In the order of the bytes; a key may come twice. */
export type DecodedAttributes = readonly (readonly [key: string, value: DecodedValue])[]

/** `Array.isArray` does not tell a readonly list from the rest. */
export function isList(value: DecodedValue): value is readonly DecodedValue[] {
  return Array.isArray(value)
}

/** While it is read. */
export type AttributeList = (readonly [key: string, value: DecodedValue])[]

/** How deep lists and maps may stand in each other: a small message of nothing but brackets would overflow the stack. */
const MAX_DEPTH = 64

/** Throws where the bytes are damaged. */
export function readKeyValue(message: Uint8Array, depth = 0): readonly [string, DecodedValue] {
  let key = ''
  let value: DecodedValue
  for (const reader = new ByteReader(message); reader.next(); ) {
    if (reader.tag === lengthTag(1)) key = reader.text()
    else if (reader.tag === lengthTag(2)) value = readAnyValue(reader.bytes(), depth)
    else reader.skip()
  }
  return [key, value]
}

function readAnyValue(message: Uint8Array, depth: number): DecodedValue {
  if (depth > MAX_DEPTH) throw new DamagedError(`expected at most ${MAX_DEPTH} levels`)
  let value: DecodedValue
  for (const reader = new ByteReader(message); reader.next(); ) {
    switch (reader.tag) {
      case lengthTag(1):
        value = reader.text()
        break
      case varintTag(2):
        value = reader.int64() !== 0n
        break
      case varintTag(3):
        value = reader.int64()
        break
      case fixed64Tag(4):
        value = reader.double()
        break
      case lengthTag(5):
        value = readList(reader.bytes(), depth + 1)
        break
      case lengthTag(6):
        value = readMap(reader.bytes(), depth + 1)
        break
      case lengthTag(7):
        value = reader.bytes()
        break
      default:
        reader.skip()
    }
  }
  return value
}

function readList(message: Uint8Array, depth: number): readonly DecodedValue[] {
  const list: DecodedValue[] = []
  for (const reader = new ByteReader(message); reader.next(); ) {
    if (reader.tag === lengthTag(1)) list.push(readAnyValue(reader.bytes(), depth))
    else reader.skip()
  }
  return list
}

function readMap(message: Uint8Array, depth: number): DecodedMap {
  const entries: AttributeList = []
  for (const reader = new ByteReader(message); reader.next(); ) {
    if (reader.tag === lengthTag(1)) entries.push(readKeyValue(reader.bytes(), depth))
    else reader.skip()
  }
  return { entries }
}

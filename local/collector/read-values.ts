// OTLP's leaves. Protobuf gives ids and bytes as bytes and 64-bit numbers as Long; JSON gives ids in hex, bytes in
// base64 and 64-bit numbers as decimal strings. Each reader takes both, and refuses what neither writes.
import { malformed } from './errors.ts'
import type { Attributes } from './span.ts'

export type Fields = Readonly<Record<string, unknown>>

/** A message; an absent one reads as one without fields. */
export function readFields(value: unknown, path: string): Fields {
  if (value === undefined || value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value)) throw malformed(path, 'an object', value)
  return value as Fields
}

export function readList<T>(
  value: unknown,
  path: string,
  read: (item: unknown, path: string) => T,
): T[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw malformed(path, 'an array', value)
  return value.map((item, index) => read(item, `${path}[${index}]`))
}

export function readText(value: unknown, path: string): string {
  if (value === undefined || value === null) return ''
  if (typeof value !== 'string') throw malformed(path, 'a string', value)
  return value
}

/** A 32-bit number or an enum's value; OTLP/JSON has no names for enum values. */
export function readInt32(value: unknown, path: string): number {
  if (value === undefined || value === null) return 0
  if (typeof value !== 'number' || !Number.isInteger(value))
    throw malformed(path, 'an integer', value)
  return value
}

export function readInt64(value: unknown, path: string): bigint {
  if (value === undefined || value === null) return 0n
  const text = typeof value === 'number' || isLong(value) ? String(value) : value
  if (typeof text !== 'string' || !/^-?\d+$/.test(text)) throw malformed(path, 'an integer', value)
  return BigInt(text)
}

/** An id of `lengthBytes` as hex; `undefined` when it is empty, which a root's parent is. */
export function readId(value: unknown, path: string, lengthBytes: number): string | undefined {
  if (value === undefined || value === null) return undefined
  const hex =
    value instanceof Uint8Array ? Buffer.from(value).toString('hex') : readText(value, path)
  if (hex === '') return undefined
  if (!/^[0-9a-f]+$/i.test(hex) || hex.length !== lengthBytes * 2 || /^0+$/.test(hex))
    throw malformed(path, `${lengthBytes} bytes, not all zero`, hex)
  return hex.toLowerCase()
}

/** How deep arrays and maps may stand in each other; without a limit a small body would overflow the stack. */
export const NESTING_LIMIT = 64

export function readAttributes(value: unknown, path: string, depth = 0): Attributes {
  const pairs = readList(value, path, (item, itemPath) => {
    const { key, value: any } = readFields(item, itemPath)
    return [
      readText(key, `${itemPath}.key`),
      readAnyValue(any, `${itemPath}.value`, depth),
    ] as const
  })
  return Object.fromEntries(pairs)
}

type ValueReader = (value: unknown, path: string, depth: number) => unknown

const VALUE_READERS: Readonly<Record<string, ValueReader>> = {
  stringValue: readText,
  boolValue: (value, path) => {
    if (typeof value !== 'boolean') throw malformed(path, 'a boolean', value)
    return value
  },
  intValue: (value, path) => {
    const int = readInt64(value, path)
    return Number.isSafeInteger(Number(int)) ? Number(int) : int
  },
  doubleValue: (value, path) => {
    if (typeof value === 'number') return value
    // JSON has no other way to write these three.
    if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value)
    throw malformed(path, 'a number', value)
  },
  bytesValue: (value, path) =>
    value instanceof Uint8Array ? value : Buffer.from(readText(value, path), 'base64'),
  arrayValue: (value, path, depth) =>
    readList(readFields(value, path).values, `${path}.values`, (item, itemPath) =>
      readAnyValue(item, itemPath, depth + 1),
    ),
  kvlistValue: (value, path, depth) =>
    readAttributes(readFields(value, path).values, `${path}.values`, depth + 1),
}

function readAnyValue(value: unknown, path: string, depth: number): unknown {
  if (depth > NESTING_LIMIT) throw malformed(path, `at most ${NESTING_LIMIT} levels`, value)
  for (const [name, inner] of Object.entries(readFields(value, path))) {
    const read = Object.hasOwn(VALUE_READERS, name) ? VALUE_READERS[name] : undefined
    if (read !== undefined && inner !== undefined && inner !== null)
      return read(inner, `${path}.${name}`, depth)
  }
  return undefined
}

/** The class that protobufjs gives 64-bit numbers as; its text is the exact decimal. */
function isLong(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'low' in value && 'high' in value
}

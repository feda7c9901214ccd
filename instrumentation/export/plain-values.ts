// OTLP's values for formats that have only texts or only JSON's types.
import { type DecodedValue, isList } from './otlp-values.ts'

/** What JSON can hold. NaN and the infinities, and integers that a JSON number would round, become texts. */
export type PlainValue =
  | string
  | number
  | boolean
  | null
  | readonly PlainValue[]
  | { readonly [key: string]: PlainValue }

export function toPlain(value: DecodedValue): PlainValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) ? value : String(value)
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
    case 'undefined':
      return null
    default:
      if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
      return isList(value) ? value.map(toPlain) : toPlainObject(value.entries)
  }
}

/** Of a key that comes twice the last counts. */
export function toPlainObject(
  attributes: Iterable<readonly [key: string, value: DecodedValue]>,
): Record<string, PlainValue> {
  const plain: [string, PlainValue][] = []
  for (const [key, value] of attributes) plain.push([key, toPlain(value)])
  // Unlike an assignment it takes `__proto__` for a key like any other.
  return Object.fromEntries(plain)
}

/** A text as it is, lists and maps as JSON, nothing as an empty text. */
export function toText(value: DecodedValue): string {
  const plain = toPlain(value)
  if (plain === null) return ''
  return typeof plain === 'object' ? JSON.stringify(plain) : String(plain)
}

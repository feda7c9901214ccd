// The trace's context as it goes into a message, and the limits on doing so. What the user set is never replaced, the
// user's own objects are never changed, and what would not fit is left out.
import type { Fields } from '../fields.ts'

/** How much of a call may be added to. */
export type Injection =
  /** Nothing, HTTP headers included. */
  | 'none'
  /** HTTP headers. */
  | 'headers'
  /** And the fields of a message that are made for such: attributes, tags, client context. */
  | 'messages'
  /** And payloads, where they are JSON objects. */
  | 'payloads'

export interface MessageCarrier {
  readonly injection: Injection
  /** Name and value, the most important first: `traceparent`, `tracestate`, `baggage` or what else is configured. */
  readonly entries: readonly (readonly [name: string, value: string])[]
}

/** Whether fields of a message that are made for such may be added. */
export const reachesMessages = ({ injection }: MessageCarrier): boolean =>
  injection === 'messages' || injection === 'payloads'

/** Bytes of a message with its attributes; 256 KiB is the lowest that any of the services has by default. */
export const MAX_MESSAGE_BYTES = 262_144

/** SQS and SNS (raw delivery) take ten attributes. */
const MAX_ATTRIBUTES = 10
const TYPE_BYTES = 'String'.length

/**
 * Message attributes with ours among them; `undefined` when one of ours is there already or when there is no room. The
 * `size` is what the message has without attributes.
 */
export function withAttributes(
  attributes: Fields,
  carrier: MessageCarrier,
  size: number,
  maxBytes: number = MAX_MESSAGE_BYTES,
): { readonly attributes: Fields; readonly bytes: number } | undefined {
  const names = Object.keys(attributes)
  if (carrier.entries.some(([name]) => names.includes(name))) return undefined
  const added: Record<string, unknown> = {}
  let count = names.length
  let bytes = size + names.reduce((sum, name) => sum + attributeBytes(name, attributes[name]), 0)
  let isChanged = false
  for (const [name, value] of carrier.entries) {
    const more = name.length + TYPE_BYTES + Buffer.byteLength(value)
    if (count >= MAX_ATTRIBUTES || bytes + more > maxBytes) break
    added[name] = { DataType: 'String', StringValue: value }
    count++
    bytes += more
    isChanged = true
  }
  return isChanged ? { attributes: { ...attributes, ...added }, bytes } : undefined
}

export function attributesBytes(attributes: Fields): number {
  return Object.keys(attributes).reduce(
    (sum, name) => sum + attributeBytes(name, attributes[name]),
    0,
  )
}

function attributeBytes(name: string, attribute: unknown): number {
  const { DataType, StringValue, BinaryValue } = (attribute ?? {}) as Record<string, unknown>
  return bytesOf(name) + bytesOf(DataType) + bytesOf(StringValue) + bytesOf(BinaryValue)
}

/** Of a text or of bytes; 0 for anything else. */
export function bytesOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  return value instanceof Uint8Array ? value.byteLength : 0
}

/**
 * A JSON object as text with ours among its members; `undefined` for any other text, when one of ours is there already,
 * or when it would be longer than the limit. The rest of the text stays as it is, byte for byte.
 */
export function withMembers(
  text: string,
  carrier: MessageCarrier,
  maxBytes: number,
): string | undefined {
  const open = text.indexOf('{')
  if (open === -1 || text.slice(0, open).trim() !== '' || text.length > maxBytes) return undefined
  let object: unknown
  try {
    object = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof object !== 'object' || object === null) return undefined
  if (carrier.entries.some(([name]) => Object.hasOwn(object, name))) return undefined
  const members = carrier.entries.map(
    ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`,
  )
  if (members.length === 0) return undefined
  const comma = Object.keys(object).length === 0 ? '' : ','
  const result = `${text.slice(0, open + 1)}${members.join()}${comma}${text.slice(open + 1)}`
  return Buffer.byteLength(result) > maxBytes ? undefined : result
}

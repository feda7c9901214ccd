// Pointers join what no carrier does: a call that stored something and the invocation that its storing caused. Both
// sides make the same text of what they both know, and put it on their spans as `baton.pointer`; any backend can
// match them. Anyone can make one:
//
//   pointer = first 32 hex digits of SHA-256 over the UTF-8 bytes of a JSON list of texts, without blanks:
//
//   ["s3", bucket, key, etag]            key as it was given to PutObject; etag without its quotes
//   ["dynamodb", table, name, type, value, name, type, value]   key attributes by name; numbers in shortest form
//   ["kinesis", stream, sequence number]
//   ["message", message id]              SQS, SNS; EventBridge's event id
//   ["execution", execution ARN]         Step Functions

import { sha256 } from './sha256.ts'

/** A list of pointers on a span, one pointer on a link. Ours: no convention has a name for it. */
export const ATTR_POINTER = 'baton.pointer'

const POINTER_LENGTH = 32
/** Longest part that is hashed whole: DynamoDB's keys have 2,048 bytes, S3's 1,024. */
const MAX_PART_LENGTH = 2048
/** Of an etag. */
const MAX_ETAG_LENGTH = 128
const MAX_KEY_ATTRIBUTES = 4

export const s3Pointer = (bucket: string, key: string, etag: string): string =>
  pointerOf(['s3', bucket, key, unquote(etag.slice(0, MAX_ETAG_LENGTH))])

export const kinesisPointer = (stream: string, sequenceNumber: string): string =>
  pointerOf(['kinesis', stream, sequenceNumber])

export const messagePointer = (messageId: string): string => pointerOf(['message', messageId])

export const executionPointer = (arn: string): string => pointerOf(['execution', arn])

/**
 * `keys` holds the key attributes of the item and no others, in the wire's form (`{ "id": { "S": "1" } }`) or as plain
 * values; `undefined` when there is a value among them that no key can have.
 */
export function dynamoPointer(
  table: string,
  keys: Readonly<Record<string, unknown>>,
): string | undefined {
  const names = Object.keys(keys).sort()
  if (names.length === 0 || names.length > MAX_KEY_ATTRIBUTES) return undefined
  const parts = ['dynamodb', table]
  for (const name of names) {
    const typed = typedValueOf(keys[name])
    if (typed === undefined) return undefined
    parts.push(name, ...typed)
  }
  return pointerOf(parts)
}

const pointerOf = (parts: readonly string[]): string =>
  sha256(JSON.stringify(parts.map(part => part.slice(0, MAX_PART_LENGTH)))).slice(0, POINTER_LENGTH)

const unquote = (etag: string): string =>
  etag.length > 1 && etag.startsWith('"') && etag.endsWith('"') ? etag.slice(1, -1) : etag

type TypedValue = readonly [type: 'S' | 'N' | 'B', value: string]

function typedValueOf(value: unknown): TypedValue | undefined {
  if (typeof value === 'string') return ['S', value]
  if (typeof value === 'number' || typeof value === 'bigint') return ['N', shortest(String(value))]
  if (value instanceof Uint8Array) return ['B', base64Of(value)]
  if (typeof value !== 'object' || value === null) return undefined
  const { S, N, B } = value as { S?: unknown; N?: unknown; B?: unknown }
  if (typeof S === 'string') return ['S', S]
  if (typeof N === 'string' || typeof N === 'number') return ['N', shortest(String(N))]
  if (B instanceof Uint8Array) return ['B', base64Of(B)]
  return typeof B === 'string' ? ['B', B] : undefined
}

const base64Of = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')

/** `007.50` and `7.5` are one number; one with more digits than a double holds stays as it was written. */
function shortest(text: string): string {
  const number = Number(text)
  return Number.isFinite(number) && text.length <= 15 ? String(number) : text
}

// What a collector says in the body of its answer. It is read for one line of log at most: bounded, printable, and without
// the headers that were sent, which some servers repeat.
//
//   ExportTraceServiceResponse  1 partial_success { 1 rejected_spans (int64)  2 error_message }
//   google.rpc.Status           1 code (int32)  2 message
import type { HttpResponse } from '../../../runtime/contract.ts'
import { MAX_RESPONSE_BYTES } from './collector-client.ts'

const MAX_TEXT_CHARACTERS = 200
/** Shorter values are no secrets, and would blot out ordinary words. */
const MIN_SECRET_CHARACTERS = 6
/** Bytes of protobuf's fields of a fixed length, by wire type. */
const FIXED: Readonly<Record<number, number>> = { 1: 8, 5: 4 }

export interface PartialSuccess {
  readonly rejectedSpans: number
  readonly message: string
}

/** `undefined` where everything was taken. */
export function readPartialSuccess(response: HttpResponse): PartialSuccess | undefined {
  const { body } = response
  if (body.length === 0) return undefined
  const bytes = inflate(response)
  if (isJson(response)) {
    const partial = ownValue(parseJson(bytes), 'partialSuccess')
    return toPartial(Number(ownValue(partial, 'rejectedSpans')), ownValue(partial, 'errorMessage'))
  }
  const partial = readField(bytes, 1)
  if (!(partial instanceof Uint8Array)) return undefined
  return toPartial(readField(partial, 1), toText(readField(partial, 2)))
}

function toPartial(rejected: unknown, message: unknown): PartialSuccess | undefined {
  if (typeof rejected !== 'number' || !(rejected > 0)) return undefined
  return { rejectedSpans: rejected, message: typeof message === 'string' ? message : '' }
}

/** The collector's words for a refusal; empty where it has none that a log line could take. */
export function readMessage(response: HttpResponse): string {
  if (response.body.length === 0) return ''
  const bytes = inflate(response)
  const type = response.headers['content-type'] ?? ''
  if (isJson(response)) {
    const message = ownValue(parseJson(bytes), 'message')
    return typeof message === 'string' ? message : ''
  }
  if (type.includes('protobuf')) return toText(readField(bytes, 2))
  return type.startsWith('text/plain') ? toText(bytes) : ''
}

/** One line of printable characters, without the values of the headers that were sent. */
export function toLogText(text: string, sent: Readonly<Record<string, string>>): string {
  let clean = text
  for (const value of Object.values(sent)) {
    for (const part of [value, ...value.split(' ')]) {
      if (part.length >= MIN_SECRET_CHARACTERS) clean = clean.replaceAll(part, '[redacted]')
    }
  }
  return clean
    .replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S}]+/gu, ' ')
    .trim()
    .slice(0, MAX_TEXT_CHARACTERS)
}

function isJson({ headers }: HttpResponse): boolean {
  return headers['content-type']?.includes('json') === true
}

/** We do not ask for compressed answers; some servers send them all the same. */
function inflate({ headers, body }: HttpResponse): Uint8Array {
  if (headers['content-encoding'] !== 'gzip') return body
  try {
    const { gunzipSync } = process.getBuiltinModule('node:zlib')
    return gunzipSync(body, { maxOutputLength: MAX_RESPONSE_BYTES })
  } catch {
    return new Uint8Array(0)
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(toText(bytes))
  } catch {
    return undefined
  }
}

function ownValue(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined
}

function toText(value: number | Uint8Array | undefined): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : ''
}

/** The first such field of a message: a varint as a number, or the bytes of a length-delimited one. */
function readField(bytes: Uint8Array, wanted: number): number | Uint8Array | undefined {
  let at = 0
  while (at < bytes.length) {
    const tag = readVarint(bytes, at)
    const field = readValue(bytes, tag.end, tag.value % 8)
    if (field === undefined || Math.floor(tag.value / 8) === wanted) return field?.value
    at = field.end
  }
  return undefined
}

interface Read<T> {
  readonly value: T
  /** Where the next one begins. */
  readonly end: number
}

function readValue(
  bytes: Uint8Array,
  at: number,
  wireType: number,
): Read<number | Uint8Array> | undefined {
  if (wireType === 0) return readVarint(bytes, at)
  const length = wireType === 2 ? readVarint(bytes, at) : { value: FIXED[wireType], end: at }
  // Groups and what is no protobuf at all.
  if (length.value === undefined) return undefined
  const end = length.end + length.value
  return { value: bytes.subarray(length.end, end), end }
}

function readVarint(bytes: Uint8Array, start: number): Read<number> {
  let value = 0
  let at = start
  for (let scale = 1; at < bytes.length; scale *= 128) {
    const byte = bytes[at++] ?? 0
    value += (byte & 0x7f) * scale
    if (byte < 0x80) break
  }
  return { value, end: at }
}

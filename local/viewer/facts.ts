// What is worth saying about a span beside its name and its time: a few attributes out of many, in few words.
import type { CollectedSpan } from '../collector/span.ts'

export interface SpanFacts {
  /** For the status column: an HTTP status, or nothing. */
  readonly status: string
  readonly isError: boolean
  /** What went wrong, in the span's own words, when it says more than the status. */
  readonly error: string | undefined
  readonly notes: readonly string[]
}

/** Attributes in the order they are told, with the word before the value; most values speak for themselves. */
const NOTES: readonly (readonly [key: string, label: string])[] = [
  ['faas.invocation_id', 'request '],
  ['url.full', ''],
  ['rpc.method', 'rpc '],
  ['db.system.name', 'db '],
  ['db.operation.name', ''],
  ['db.collection.name', 'table '],
  ['db.query.text', ''],
  ['messaging.system', ''],
  ['messaging.destination.name', 'to '],
  ['messaging.batch.message_count', 'messages '],
  ['aws.request_id', 'aws request '],
  ['http.request.resend_count', 'resent '],
]

/** Reads a span; `isServiceShown` when the trace has spans of more than one service. */
export function readFacts(span: CollectedSpan, isServiceShown: boolean): SpanFacts {
  const { attributes } = span
  const isError = span.status.code === 'ERROR'
  const notes: string[] = []
  if (isServiceShown) notes.push(serviceOf(span))
  if (attributes['faas.coldstart'] === true) notes.push('cold start')
  for (const [key, label] of NOTES) {
    const value = attributes[key]
    if (value !== undefined && value !== '') notes.push(label + toText(value))
  }
  notes.push(...count(span.links.length, 'link'))
  notes.push(...count(span.droppedAttributesCount, 'attribute', ' dropped'))
  notes.push(...count(span.droppedEventsCount, 'event', ' dropped'))
  notes.push(...count(span.droppedLinksCount, 'link', ' dropped'))
  const status = toText(attributes['http.response.status_code'] ?? '')
  const error = isError ? describeError(span) : undefined
  // An HTTP client's error type is the status, which stands in its own column.
  return { status, isError, error: error === status ? undefined : error, notes }
}

/** `service.name`, which OTLP requires and a broken sender may leave out. */
export function serviceOf(span: CollectedSpan): string {
  return toText(span.resource['service.name'] ?? 'unknown service')
}

/** The recorded exception says most, then the status message, then the error's type alone. */
function describeError(span: CollectedSpan): string {
  const exception = span.events.findLast(event => event.name === 'exception')?.attributes ?? {}
  const type = exception['exception.type'] ?? span.attributes['error.type']
  const message = exception['exception.message'] ?? span.status.message
  const parts = [type, message].filter(part => part !== undefined && part !== '').map(toText)
  return parts.length === 0 ? 'failed' : [...new Set(parts)].join(': ')
}

function count(amount: number, noun: string, suffix = ''): string[] {
  return amount === 0 ? [] : [`${amount} ${noun}${amount === 1 ? '' : 's'}${suffix}`]
}

/** No line shows more of a value than this; what is cut off here costs no time in measuring its width. */
const TEXT_LIMIT_CHARS = 2000

function toText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value, writeBigint)
  return text.slice(0, TEXT_LIMIT_CHARS)
}

function writeBigint(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

// OTLP's trace messages, read back for the transports that speak another format. Field numbers stand in
// `otlp-encoder.ts`. What comes in may have been cut or damaged on its way through the journal, or be written by another
// version: nothing here throws, unknown fields are skipped, and what is not whole is counted.
import { ByteReader, fixed32Tag, fixed64Tag, lengthTag, varintTag } from './byte-reader.ts'
import type { RequestHead } from './otlp-encoder.ts'
import { type AttributeList, type DecodedAttributes, readKeyValue } from './otlp-values.ts'

export interface DecodedEvent {
  readonly timeNs: bigint
  readonly name: string
  readonly attributes: DecodedAttributes
  readonly droppedAttributes: number
}

export interface DecodedLink {
  /** Hex, like every id here. */
  readonly traceId: string
  readonly spanId: string
  readonly traceState: string
  readonly attributes: DecodedAttributes
  readonly droppedAttributes: number
  readonly flags: number
}

export interface DecodedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly traceState: string
  /** Empty for a root. */
  readonly parentSpanId: string
  readonly name: string
  readonly kind: number
  readonly startNs: bigint
  readonly endNs: bigint
  readonly attributes: DecodedAttributes
  readonly droppedAttributes: number
  readonly events: readonly DecodedEvent[]
  readonly droppedEvents: number
  readonly links: readonly DecodedLink[]
  readonly droppedLinks: number
  readonly statusCode: number
  readonly statusMessage: string
  readonly flags: number
}

export interface DecodedHead {
  readonly resource: DecodedAttributes
  readonly scope: { readonly name: string; readonly version: string }
}

export interface DecodedSpans {
  readonly spans: readonly DecodedSpan[]
  /** Entries that could not be read; all that follows a broken length counts as one. */
  readonly damaged: number
}

const TRACE_ID_DIGITS = 32
const SPAN_ID_DIGITS = 16
type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** `scope_spans.spans` entries one after another. */
export function decodeSpans(entries: Uint8Array): DecodedSpans {
  const { messages, damaged } = splitEntries(entries)
  const spans: DecodedSpan[] = []
  for (const message of messages) {
    const span = decodeSpan(message)
    if (span !== undefined) spans.push(span)
  }
  return { spans, damaged: damaged + messages.length - spans.length }
}

/** The Span messages inside of entries, not looked into. */
export function splitEntries(entries: Uint8Array): {
  readonly messages: readonly Uint8Array[]
  readonly damaged: number
} {
  const messages: Uint8Array[] = []
  const isWhole = attempt(() => {
    for (const reader = new ByteReader(entries); reader.next(); ) {
      if (reader.tag === lengthTag(2)) messages.push(reader.bytes())
      else reader.skip()
    }
    return true
  })
  return { messages, damaged: isWhole ? 0 : 1 }
}

/** One Span message; `undefined` when it is damaged or has no ids. */
export function decodeSpan(message: Uint8Array): DecodedSpan | undefined {
  const span = attempt(() => readSpan(message))
  if (span === undefined) return undefined
  const { traceId, spanId, parentSpanId } = span
  const hasIds = traceId.length === TRACE_ID_DIGITS && spanId.length === SPAN_ID_DIGITS
  return hasIds && (parentSpanId === '' || parentSpanId.length === SPAN_ID_DIGITS)
    ? span
    : undefined
}

/** As much of resource and scope as can be read. */
export function decodeHead(head: RequestHead): DecodedHead {
  const resource: AttributeList = []
  const scope = { name: '', version: '' }
  attempt(() => {
    for (const reader = new ByteReader(head.resource); reader.next(); ) {
      if (reader.tag === lengthTag(1)) readResourceInto(resource, reader.bytes())
      else reader.skip()
    }
  })
  attempt(() => {
    for (const reader = new ByteReader(head.scope); reader.next(); ) {
      if (reader.tag === lengthTag(1)) readScopeInto(scope, reader.bytes())
      else reader.skip()
    }
  })
  return { resource, scope }
}

/** `undefined` when the bytes are damaged. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

function readResourceInto(list: AttributeList, message: Uint8Array): void {
  for (const reader = new ByteReader(message); reader.next(); ) {
    if (reader.tag === lengthTag(1)) list.push(readKeyValue(reader.bytes()))
    else reader.skip()
  }
}

function readScopeInto(scope: { name: string; version: string }, message: Uint8Array): void {
  for (const reader = new ByteReader(message); reader.next(); ) {
    if (reader.tag === lengthTag(1)) scope.name = reader.text()
    else if (reader.tag === lengthTag(2)) scope.version = reader.text()
    else reader.skip()
  }
}

function readSpan(message: Uint8Array): DecodedSpan {
  const attributes: AttributeList = []
  const events: DecodedEvent[] = []
  const links: DecodedLink[] = []
  const span: Mutable<DecodedSpan> = { ...EMPTY_SPAN, attributes, events, links }
  for (const reader = new ByteReader(message); reader.next(); ) {
    if (reader.tag === lengthTag(9)) attributes.push(readKeyValue(reader.bytes()))
    else if (reader.tag === lengthTag(11)) events.push(readEvent(reader.bytes()))
    else if (reader.tag === lengthTag(13)) links.push(readLink(reader.bytes()))
    else if (reader.tag === lengthTag(15)) readStatusInto(span, reader.bytes())
    else readPlainField(span, reader)
  }
  return span
}

const EMPTY_SPAN: DecodedSpan = {
  traceId: '',
  spanId: '',
  traceState: '',
  parentSpanId: '',
  name: '',
  kind: 0,
  startNs: 0n,
  endNs: 0n,
  attributes: [],
  droppedAttributes: 0,
  events: [],
  droppedEvents: 0,
  links: [],
  droppedLinks: 0,
  statusCode: 0,
  statusMessage: '',
  flags: 0,
}

type PlainReader = (span: Mutable<DecodedSpan>, reader: ByteReader) => void

const PLAIN_FIELDS: ReadonlyMap<number, PlainReader> = new Map<number, PlainReader>([
  [lengthTag(1), (span, reader) => (span.traceId = reader.hex())],
  [lengthTag(2), (span, reader) => (span.spanId = reader.hex())],
  [lengthTag(3), (span, reader) => (span.traceState = reader.text())],
  [lengthTag(4), (span, reader) => (span.parentSpanId = reader.hex())],
  [lengthTag(5), (span, reader) => (span.name = reader.text())],
  [varintTag(6), (span, reader) => (span.kind = reader.uint32())],
  [fixed64Tag(7), (span, reader) => (span.startNs = reader.fixed64())],
  [fixed64Tag(8), (span, reader) => (span.endNs = reader.fixed64())],
  [varintTag(10), (span, reader) => (span.droppedAttributes = reader.uint32())],
  [varintTag(12), (span, reader) => (span.droppedEvents = reader.uint32())],
  [varintTag(14), (span, reader) => (span.droppedLinks = reader.uint32())],
  [fixed32Tag(16), (span, reader) => (span.flags = reader.fixed32())],
])

function readPlainField(span: Mutable<DecodedSpan>, reader: ByteReader): void {
  const read = PLAIN_FIELDS.get(reader.tag)
  if (read === undefined) reader.skip()
  else read(span, reader)
}

function readStatusInto(span: Mutable<DecodedSpan>, message: Uint8Array): void {
  for (const reader = new ByteReader(message); reader.next(); ) {
    if (reader.tag === lengthTag(2)) span.statusMessage = reader.text()
    else if (reader.tag === varintTag(3)) span.statusCode = reader.uint32()
    else reader.skip()
  }
}

function readEvent(message: Uint8Array): DecodedEvent {
  const attributes: AttributeList = []
  const event: Mutable<DecodedEvent> = { timeNs: 0n, name: '', attributes, droppedAttributes: 0 }
  for (const reader = new ByteReader(message); reader.next(); ) {
    if (reader.tag === fixed64Tag(1)) event.timeNs = reader.fixed64()
    else if (reader.tag === lengthTag(2)) event.name = reader.text()
    else if (reader.tag === lengthTag(3)) attributes.push(readKeyValue(reader.bytes()))
    else if (reader.tag === varintTag(4)) event.droppedAttributes = reader.uint32()
    else reader.skip()
  }
  return event
}

function readLink(message: Uint8Array): DecodedLink {
  const attributes: AttributeList = []
  const link: Mutable<DecodedLink> = {
    traceId: '',
    spanId: '',
    traceState: '',
    attributes,
    droppedAttributes: 0,
    flags: 0,
  }
  for (const reader = new ByteReader(message); reader.next(); ) {
    if (reader.tag === lengthTag(1)) link.traceId = reader.hex()
    else if (reader.tag === lengthTag(2)) link.spanId = reader.hex()
    else if (reader.tag === lengthTag(3)) link.traceState = reader.text()
    else if (reader.tag === lengthTag(4)) attributes.push(readKeyValue(reader.bytes()))
    else if (reader.tag === varintTag(5)) link.droppedAttributes = reader.uint32()
    else if (reader.tag === fixed32Tag(6)) link.flags = reader.fixed32()
    else reader.skip()
  }
  return link
}

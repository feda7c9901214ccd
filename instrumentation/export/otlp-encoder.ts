// OTLP's trace messages. Field numbers are those of opentelemetry-proto's trace.proto, common.proto and resource.proto.
//
//   Span       1 trace_id  2 span_id  3 trace_state  4 parent_span_id  5 name  6 kind  7 start (fixed64 ns)  8 end
//              9 attributes  10 dropped  11 events  12 dropped  13 links  14 dropped  15 status  16 flags (fixed32)
//   Event      1 time (fixed64 ns)  2 name  3 attributes
//   Link       1 trace_id  2 span_id  3 trace_state  4 attributes  6 flags (fixed32)
//   Status     2 message  3 code
//   KeyValue   1 key  2 value        AnyValue  1 string  2 bool  3 int  4 double  5 array { 1 values }
//   Span, until it is sent: 100 scope, as it stands in scope_spans (scopes.ts)
//   Request    1 resource_spans { 1 resource { 1 attributes }  2 scope_spans { 1 scope { 1 name  2 version }  2 spans } }
import type { Attributes, AttributeValue } from '../trace/attributes.ts'
import type { Scope } from '../trace/scope.ts'
import {
  type Span,
  type SpanEvent,
  type SpanLink,
  STATUS_ERROR,
  STATUS_UNSET,
} from '../trace/span.ts'
import { ByteWriter } from './byte-writer.ts'
import { SCOPE_MARK, splitByScope } from './scopes.ts'

/** `Span.flags`: bit 8 says that bit 9, "the parent is remote", means something. */
const HAS_IS_REMOTE = 0x100
const IS_REMOTE = 0x200
/** A span is some hundred bytes long: its length takes two. */
const SPAN_LENGTH_BYTES = 2
const SPANS = 2

/** Appends one `scope_spans.spans` entry. */
export function encodeSpan(writer: ByteWriter, span: Span): void {
  const start = writer.begin(SPANS, SPAN_LENGTH_BYTES)
  encodeStart(writer, span)
  writer.timeNs(8, span.endMs)
  encodeContents(writer, span)
  if (span.statusCode !== STATUS_UNSET) encodeStatus(writer, span.statusCode, span.statusMessage)
  writer.end(start, SPAN_LENGTH_BYTES)
}

/** Appends the Span message, not an entry, as far as it is known before the end: without end time and status. */
export function encodeOpenSpan(writer: ByteWriter, span: Span): void {
  encodeStart(writer, span)
  encodeContents(writer, span)
}

/** Appends one `scope_spans.spans` entry: what `encodeOpenSpan` wrote once, ended as failed. */
export function encodeCutOffSpan(
  writer: ByteWriter,
  openSpan: Uint8Array,
  endMs: number,
  statusMessage: string,
  attributes: Attributes,
): void {
  const start = writer.begin(SPANS, SPAN_LENGTH_BYTES)
  writer.bytes(openSpan)
  writer.timeNs(8, endMs)
  for (const key in attributes) {
    const value = attributes[key]
    if (value !== undefined) encodeKeyValue(writer, 9, key, value)
  }
  encodeStatus(writer, STATUS_ERROR, statusMessage)
  writer.end(start, SPAN_LENGTH_BYTES)
}

function encodeStart(writer: ByteWriter, span: Span): void {
  const { context, scope } = span
  // First of all: it is looked for there.
  if (scope !== undefined) encodeScope(writer, SCOPE_MARK, scope)
  writer.hex(1, context.traceId)
  writer.hex(2, context.spanId)
  if (context.traceState !== undefined) writer.string(3, context.traceState)
  if (span.parentSpanId !== undefined) writer.hex(4, span.parentSpanId)
  writer.string(5, span.name)
  writer.uint32(6, span.kind)
  writer.timeNs(7, span.startMs)
}

function encodeContents(writer: ByteWriter, span: Span): void {
  const { attributes, context } = span
  for (let index = 0; index < attributes.length; index += 2) {
    encodeKeyValue(writer, 9, attributes[index] as string, attributes[index + 1] as AttributeValue)
  }
  if (span.droppedAttributes > 0) writer.uint32(10, span.droppedAttributes)
  for (const event of span.events) encodeEvent(writer, event)
  if (span.droppedEvents > 0) writer.uint32(12, span.droppedEvents)
  for (const link of span.links) encodeLink(writer, link)
  if (span.droppedLinks > 0) writer.uint32(14, span.droppedLinks)
  writer.fixed32(16, context.traceFlags | HAS_IS_REMOTE | (span.hasRemoteParent ? IS_REMOTE : 0))
}

function encodeStatus(writer: ByteWriter, code: number, message: string): void {
  const status = writer.begin(15)
  if (message !== '') writer.string(2, message)
  writer.uint32(3, code)
  writer.end(status)
}

function encodeEvent(writer: ByteWriter, event: SpanEvent): void {
  const start = writer.begin(11)
  writer.timeNs(1, event.timeMs)
  writer.string(2, event.name)
  for (const [key, value] of event.attributes) encodeKeyValue(writer, 3, key, value)
  if (event.droppedAttributes) writer.uint32(4, event.droppedAttributes)
  writer.end(start)
}

function encodeLink(writer: ByteWriter, link: SpanLink): void {
  const start = writer.begin(13)
  writer.hex(1, link.context.traceId)
  writer.hex(2, link.context.spanId)
  if (link.context.traceState !== undefined) writer.string(3, link.context.traceState)
  for (const [key, value] of link.attributes) encodeKeyValue(writer, 4, key, value)
  if (link.droppedAttributes) writer.uint32(5, link.droppedAttributes)
  writer.fixed32(6, link.context.traceFlags | HAS_IS_REMOTE | IS_REMOTE)
  writer.end(start)
}

function encodeKeyValue(
  writer: ByteWriter,
  field: number,
  key: string,
  value: AttributeValue,
): void {
  const start = writer.begin(field)
  writer.string(1, key)
  encodeAnyValue(writer, 2, value)
  writer.end(start)
}

function encodeScope(writer: ByteWriter, field: number, { name, version }: Scope): void {
  const start = writer.begin(field)
  writer.string(1, name)
  if (version !== undefined) writer.string(2, version)
  writer.end(start)
}

/** Nothing, which only stands in lists, is a value without a kind. */
function encodeAnyValue(
  writer: ByteWriter,
  field: number,
  value: AttributeValue | null | undefined,
): void {
  const start = writer.begin(field)
  if (typeof value === 'string') writer.string(1, value)
  else if (typeof value === 'boolean') writer.bool(2, value)
  else if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) writer.int64(3, value)
    else writer.double(4, value)
  } else if (value !== null && value !== undefined) {
    const array = writer.begin(5)
    for (const each of value) encodeAnyValue(writer, 1, each)
    writer.end(array)
  }
  writer.end(start)
}

/** What every request begins with: `resource` and `scope`, as they stand inside `resource_spans` and `scope_spans`. */
export interface RequestHead {
  readonly resource: Uint8Array
  readonly scope: Uint8Array
}

export function encodeHead(
  resource: Attributes,
  scopeName: string,
  scopeVersion: string,
): RequestHead {
  const writer = new ByteWriter()
  const resourceStart = writer.begin(1)
  for (const key in resource) {
    const value = resource[key]
    if (value !== undefined) encodeKeyValue(writer, 1, key, value)
  }
  writer.end(resourceStart)
  const scopeAt = writer.length
  encodeScope(writer, 1, { name: scopeName, version: scopeVersion })
  const bytes = writer.copy()
  return { resource: bytes.subarray(0, scopeAt), scope: bytes.subarray(scopeAt) }
}

/** A whole ExportTraceServiceRequest around spans that `encodeSpan` wrote. */
export function encodeRequest(head: RequestHead, spans: Uint8Array): Uint8Array {
  const writer = new ByteWriter()
  const resourceSpans = writer.begin(1, 3)
  writer.bytes(head.resource)
  for (const group of splitByScope(spans)) {
    const scopeSpans = writer.begin(2, 3)
    if (group.scope === undefined) writer.bytes(head.scope)
    else {
      const scope = writer.begin(1)
      writer.bytes(group.scope)
      writer.end(scope)
    }
    for (const each of group.entries) writer.bytes(each)
    for (const each of group.bare) {
      const span = writer.begin(SPANS, SPAN_LENGTH_BYTES)
      writer.bytes(each)
      writer.end(span, SPAN_LENGTH_BYTES)
    }
    writer.end(scopeSpans, 3)
  }
  writer.end(resourceSpans, 3)
  return writer.copy()
}

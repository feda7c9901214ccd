// Spans as X-Ray documents, each held against the schema on its way.
import type { Test } from 'tap'
import { decodeHead, decodeSpans } from '../../../instrumentation/export/otlp-decoder.ts'
import { encodeHead, type RequestHead } from '../../../instrumentation/export/otlp-encoder.ts'
import { toXRayDocument, type XRayDocument } from '../../../instrumentation/export/xray/document.ts'
import type { Attributes } from '../../../instrumentation/trace/attributes.ts'
import type { Span, SpanInit } from '../../../instrumentation/trace/span.ts'
import { batchOf, startSpan } from './decode.ts'
import { findXRayFlaws } from './xray-schema.ts'

export const HEAD: RequestHead = encodeHead(
  { 'service.name': 'orders', 'faas.max_memory': 128 },
  'baton',
  '1.2.3',
)
/** Of a call: the span it was made in. */
export const PARENT = 'aaaaaaaaaaaaaaaa'

/** A call inside of an invocation, unless `fields` say something else. */
export function startCall(attributes: Attributes = {}, fields: Partial<SpanInit> = {}): Span {
  const span = startSpan({ parentSpanId: PARENT, kind: 3, name: 'GET', ...fields })
  span.setAttributes(attributes)
  return span
}

/** Ends the span; what is read back from its document's JSON. */
export function convert(t: Test, span: Span): XRayDocument {
  span.end(span.startMs + 1.5)
  const [decoded] = decodeSpans(batchOf(HEAD, [span]).spans).spans
  if (decoded === undefined) throw new Error('expected a span')
  const document = JSON.parse(JSON.stringify(toXRayDocument(decoded, decodeHead(HEAD))))
  t.strictSame(findXRayFlaws(document), [], 'as the schema wants it')
  return document
}

// OTLP as JSON: against OpenTelemetry's own serializer, and read back by the collector beside the same spans as protobuf.
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import t from 'tap'
import { ByteWriter } from '../../../instrumentation/export/byte-writer.ts'
import { encodeHead, encodeRequest } from '../../../instrumentation/export/otlp-encoder.ts'
import { encodeJsonRequest } from '../../../instrumentation/export/otlp-json.ts'
import type { AttributeValue } from '../../../instrumentation/trace/attributes.ts'
import type { Span } from '../../../instrumentation/trace/span.ts'
import type { SpanContext } from '../../../instrumentation/trace/span-context.ts'
import { SPAN_KIND_CLIENT } from '../../../instrumentation/trace/span-kind.ts'
import { decodeJson, decodeProtobuf } from '../../../local/collector/decode.ts'
import { startRandom } from '../../helpers/random.ts'
import { batchOf, encodedSpan, endedSpan, exactNs, startSpan, writeSpan } from './decode.ts'
import { randomSpan } from './random-span.ts'

const RESOURCE = { attributes: { 'service.name': 'fn', memory: 128 } }
const HEAD = encodeHead(RESOURCE.attributes, 'baton', '1.2.3')

type Json = Readonly<Record<string, unknown>>
type Pairs = readonly (readonly [string, AttributeValue])[]

// A span as OpenTelemetry's SDK would hold it.

function official(spans: readonly Span[]): Json {
  const readable = spans.map(span => ({
    spanContext: () => officialContext(span.context),
    ...(span.parentSpanId !== undefined && {
      parentSpanContext: {
        ...officialContext(span.context),
        spanId: span.parentSpanId,
        isRemote: span.hasRemoteParent,
      },
    }),
    name: span.name,
    kind: span.kind - 1,
    startTime: hrTime(span.startMs),
    endTime: hrTime(span.endMs),
    status: { code: span.statusCode, message: span.statusMessage },
    attributes: Object.fromEntries(pairsOf(span)),
    events: span.events.map(event => ({
      name: event.name,
      time: hrTime(event.timeMs),
      attributes: Object.fromEntries(event.attributes),
    })),
    links: span.links.map(link => ({
      context: { ...officialContext(link.context), isRemote: true },
      attributes: Object.fromEntries(link.attributes),
    })),
    droppedAttributesCount: span.droppedAttributes,
    droppedEventsCount: span.droppedEvents,
    droppedLinksCount: span.droppedLinks,
    resource: RESOURCE,
    instrumentationScope: { name: 'baton', version: '1.2.3' },
  }))
  const input = readable as unknown as Parameters<typeof JsonTraceSerializer.serializeRequest>[0]
  const bytes = JsonTraceSerializer.serializeRequest(input) ?? new Uint8Array()
  return JSON.parse(Buffer.from(bytes).toString())
}

function officialContext({ traceState, ...context }: SpanContext): object {
  return {
    ...context,
    ...(traceState !== undefined && { traceState: { serialize: () => traceState } }),
  }
}

function hrTime(timeMs: number): [number, number] {
  const ns = BigInt(exactNs(timeMs))
  return [Number(ns / 1_000_000_000n), Number(ns % 1_000_000_000n)]
}

function pairsOf(span: Span): Pairs {
  return Array.from({ length: span.attributes.length / 2 }, (_, index) => [
    span.attributes[2 * index] as string,
    span.attributes[2 * index + 1] as AttributeValue,
  ])
}

/** Without defaults, which one of the two writes and the other leaves out; integers as texts, as the protocol wants. */
function normalise(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalise)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).map(([name, each]): [string, unknown] => [
    name,
    name === 'intValue' ? String(each) : normalise(each),
  ])
  const kept = fields.filter(([name, each]) => {
    const isDefault = each === 0 || each === '' || (Array.isArray(each) && each.length === 0)
    return /Value$|^key$|^values$/.test(name) || !isDefault
  })
  return Object.fromEntries(kept)
}

function everything(): Span {
  const span = startSpan({
    context: {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      traceFlags: 1,
      traceState: 'a=1',
    },
    parentSpanId: 'aaaaaaaaaaaaaaaa',
    hasRemoteParent: true,
    name: 'GET /é "⚡"',
    kind: SPAN_KIND_CLIENT,
    startMs: 1_700_000_000_000.123,
    limits: { attributeCount: 7, attributeValueLength: 100, eventCount: 1, linkCount: 1 },
  })
  span.setAttributes({
    text: 'x',
    empty: '',
    zero: 0,
    most: 2 ** 53 - 1,
    fraction: -0.5,
    no: false,
    list: ['a', 'b'],
  })
  span.setAttributes({ dropped: 1 })
  span.addEvent('event', 1_700_000_000_000.5, { numbers: [1, 1.5], none: [] })
  span.addEvent('dropped', 1)
  const context = { ...span.context, spanId: '00f067aa0ba902b7', traceFlags: 0 }
  span.addLink(context, { l: true })
  span.addLink(context)
  span.setError('boom')
  span.end(1_700_000_000_001)
  return span
}

t.test("whole spans are what OpenTelemetry's serializer makes of them", async t => {
  const bare = endedSpan()
  const spans = [everything(), bare]
  const written = JSON.parse(encodeJsonRequest(batchOf(HEAD, spans)))
  t.strictSame(normalise(written), normalise(official(spans)))
  t.equal(
    written.resourceSpans[0].scopeSpans[0].spans[0].attributes[3].value.intValue,
    String(2 ** 53 - 1),
  )
})

t.test('random spans are read from JSON as they are read from protobuf', async t => {
  const random = startRandom()
  t.comment(`BATON_FUZZ_SEED=${random.seed}`)
  for (let round = 0; round < 50; round++) {
    const batch = batchOf(
      HEAD,
      Array.from({ length: 20 }, () => randomSpan(random)),
    )
    const read = decodeJson(Buffer.from(encodeJsonRequest(batch)))
    t.equal(read.length, 20)
    const expected = decodeProtobuf(encodeRequest(batch.head, batch.spans))
    if (!t.strictSame(read, expected)) return
  }
})

for (const [number, shown] of [
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, 'Infinity'],
  [Number.NEGATIVE_INFINITY, '-Infinity'],
  [1.5, 1.5],
] as const) {
  t.test(`the number ${number} is written as ${JSON.stringify(shown)}`, async t => {
    const text = encodeJsonRequest(batchOf(HEAD, [endedSpan({ number })]))
    t.match(text, `{"key":"number","value":{"doubleValue":${JSON.stringify(shown)}}}`)
  })
}

t.test('maps, bytes and 64-bit integers are written as the protocol says', async t => {
  const message = writeSpan({
    traceId: Buffer.alloc(16, 1),
    spanId: Buffer.alloc(8, 2),
    attributes: [
      { key: 'bytes', value: { bytesValue: Buffer.from([255, 254]) } },
      { key: 'least', value: { intValue: '-9223372036854775808' } },
      { key: 'map', value: { kvlistValue: { values: [{ key: 'k', value: {} }] } } },
    ],
  })
  const writer = new ByteWriter()
  const start = writer.begin(2)
  writer.bytes(message)
  writer.end(start)
  const json = JSON.parse(encodeJsonRequest({ head: HEAD, spans: writer.copy(), count: 1 }))
  t.match(json.resourceSpans[0].scopeSpans[0].spans[0].attributes, [
    { value: { bytesValue: '//4=' } },
    { value: { intValue: '-9223372036854775808' } },
    { value: { kvlistValue: { values: [{ key: 'k', value: {} }] } } },
  ])
})

t.test('a request is one line whatever stands in it, and is JSON without spans too', async t => {
  const text = encodeJsonRequest(batchOf(HEAD, [endedSpan({ 'a\nb': 'c\r\n\u2028\ud800' })]))
  t.notMatch(text, /[\n\r]/)
  t.equal(JSON.parse(text).resourceSpans[0].scopeSpans[0].spans.length, 1)
  const none = JSON.parse(encodeJsonRequest({ head: HEAD, spans: new Uint8Array(), count: 0 }))
  t.strictSame(none.resourceSpans[0].scopeSpans[0].spans, [])
})

t.test('damaged spans are left out, and a batch of nothing else cannot be written', async t => {
  const whole = encodedSpan('a')
  const spans = Buffer.concat([whole, encodedSpan('b').subarray(0, 20)])
  t.equal(decodeJson(Buffer.from(encodeJsonRequest({ head: HEAD, spans, count: 2 }))).length, 1)
  const damaged = { head: HEAD, spans: spans.subarray(whole.length), count: 1 }
  t.throws(() => encodeJsonRequest(damaged), { name: 'DamagedError' })
})

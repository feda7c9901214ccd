// Bytes read back by us, against the same bytes read by the code generated from the .proto files, and against damage.
import { isDeepStrictEqual } from 'node:util'
import t, { type Test } from 'tap'
import { ByteWriter } from '../../../instrumentation/export/byte-writer.ts'
import {
  type DecodedSpan,
  decodeHead,
  decodeSpan,
  decodeSpans,
} from '../../../instrumentation/export/otlp-decoder.ts'
import { encodeHead, encodeSpan } from '../../../instrumentation/export/otlp-encoder.ts'
import type {
  DecodedAttributes,
  DecodedValue,
} from '../../../instrumentation/export/otlp-values.ts'
import { startRandom } from '../../helpers/random.ts'
import { encodedSpan, endedSpan, hex, type Message, readSpans, writeSpan } from './decode.ts'
import { randomSpan } from './random-span.ts'

const TRACE_ID = Buffer.from('0af7651916cd43dd8448eb211c80319c', 'hex')
const SPAN_ID = Buffer.from('b7ad6b7169203331', 'hex')

// The generated code's view of a span, in the shape of ours.

function expectedValue(value: Message): DecodedValue {
  const [kind, inner] = Object.entries(value)[0] ?? []
  if (kind === 'intValue') return BigInt(inner as string)
  if (kind === 'arrayValue') return messagesIn(inner, 'values').map(expectedValue)
  if (kind === 'kvlistValue') return { entries: expectedAttributes(messagesIn(inner, 'values')) }
  return inner as string | boolean | number | undefined
}

const messagesIn = (message: unknown, field: string): readonly Message[] =>
  ((message as Message)[field] ?? []) as readonly Message[]

function expectedAttributes(list: unknown): DecodedAttributes {
  return ((list ?? []) as readonly { key?: string; value: Message }[]).map(
    ({ key = '', value }) => [key, expectedValue(value ?? {})] as const,
  )
}

const text = (value: unknown): string => (value ?? '') as string
const id = (value: unknown): string => (value === undefined ? '' : hex(value))
const count = (value: unknown): number => (value ?? 0) as number

function expectedSpan(span: Message): DecodedSpan {
  const status = (span.status ?? {}) as Message
  return {
    ...expectedContext(span),
    parentSpanId: id(span.parentSpanId),
    name: text(span.name),
    kind: count(span.kind),
    startNs: BigInt(text(span.startTimeUnixNano)),
    endNs: BigInt(text(span.endTimeUnixNano)),
    events: messagesIn(span, 'events').map(event => ({
      timeNs: BigInt(text(event.timeUnixNano)),
      name: text(event.name),
      ...expectedDecoration(event),
    })),
    droppedEvents: count(span.droppedEventsCount),
    links: messagesIn(span, 'links').map(link => ({
      ...expectedContext(link),
      ...expectedDecoration(link),
    })),
    droppedLinks: count(span.droppedLinksCount),
    statusCode: count(status.code),
    statusMessage: text(status.message),
    ...expectedDecoration(span),
  }
}

function expectedContext(of: Message) {
  return {
    traceId: id(of.traceId),
    spanId: id(of.spanId),
    traceState: text(of.traceState),
    flags: count(of.flags),
  }
}

function expectedDecoration(of: Message) {
  return {
    attributes: expectedAttributes(of.attributes),
    droppedAttributes: count(of.droppedAttributesCount),
  }
}

t.test('random spans read as the generated code reads them', async t => {
  const random = startRandom()
  t.comment(`BATON_FUZZ_SEED=${random.seed}`)
  for (let round = 0; round < 150; round++) {
    const writer = new ByteWriter()
    for (let index = 0; index < 20; index++) encodeSpan(writer, randomSpan(random))
    const bytes = writer.copy()
    const { spans, damaged } = decodeSpans(bytes)
    const expected = readSpans(bytes).map(expectedSpan)
    const index = expected.findIndex((span, at) => !isDeepStrictEqual(spans[at], span))
    if (index !== -1 || damaged !== 0 || spans.length !== 20) {
      t.strictSame(spans[index], expected[index], `batch ${round}, span ${index}`)
      t.fail(`${spans.length} spans, ${damaged} damaged`)
      return
    }
  }
  t.pass('3000 spans')
})

function decodeOne(t: Test, message: Uint8Array): DecodedSpan {
  const span = decodeSpan(message)
  if (span === undefined) {
    t.fail('damaged')
    throw new Error('damaged')
  }
  return span
}

t.test('what our encoder never writes is read as well: maps, bytes, 64-bit integers', async t => {
  const attributes = [
    { key: 'bytes', value: { bytesValue: Buffer.from([0, 255]) } },
    { key: 'map', value: { kvlistValue: { values: [{ key: 'k', value: { intValue: 1 } }] } } },
    { key: 'least', value: { intValue: '-9223372036854775808' } },
    { key: 'most', value: { intValue: '9223372036854775807' } },
    { key: 'nothing', value: {} },
    { key: 'empty map', value: { kvlistValue: {} } },
  ]
  const message = writeSpan({
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    startTimeUnixNano: '18446744073709551615',
    attributes,
    events: [{ droppedAttributesCount: 4_294_967_295 }],
    links: [{ droppedAttributesCount: 7 }],
  })
  const span = decodeOne(t, message)
  t.equal(span.startNs, 18_446_744_073_709_551_615n)
  t.equal(span.endNs, 0n)
  t.strictSame(
    span.attributes.map(([key, value]) => [
      key,
      value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
    ]),
    [
      ['bytes', '00ff'],
      ['map', { entries: [['k', 1n]] }],
      ['least', -9_223_372_036_854_775_808n],
      ['most', 9_223_372_036_854_775_807n],
      ['nothing', undefined],
      ['empty map', { entries: [] }],
    ],
  )
  t.match(span.events, [{ droppedAttributes: 4_294_967_295 }])
  t.match(span.links, [{ droppedAttributes: 7 }])
})

t.test('unknown fields, and known ones of another wire type, are passed over', async t => {
  const whole = writeSpan({ traceId: TRACE_ID, spanId: SPAN_ID, name: 'n' })
  const strange = new ByteWriter()
  strange.uint32(500, 7)
  strange.double(501, 1.5)
  strange.string(502, 'text')
  strange.fixed32(503, 9)
  strange.uint32(5, 1)
  strange.string(7, 'no time')
  const span = decodeOne(t, Buffer.concat([strange.copy(), whole, strange.copy()]))
  t.match(span, { name: 'n', startNs: 0n })
})

t.test('of a field that comes twice the last counts, and lists grow', async t => {
  const first = writeSpan({ traceId: TRACE_ID, spanId: SPAN_ID, name: 'a', links: [{}] })
  const second = writeSpan({ traceId: TRACE_ID, spanId: SPAN_ID, name: 'b', links: [{}] })
  const span = decodeOne(t, Buffer.concat([first, second]))
  t.match(span, { name: 'b', links: { length: 2 } })
})

for (const [what, fields] of [
  ['no trace id', { spanId: SPAN_ID }],
  ['no span id', { traceId: TRACE_ID }],
  ['a trace id of 15 bytes', { traceId: TRACE_ID.subarray(1), spanId: SPAN_ID }],
  ['a span id of 7 bytes', { traceId: TRACE_ID, spanId: SPAN_ID.subarray(1) }],
  [
    'a parent of 7 bytes',
    { traceId: TRACE_ID, spanId: SPAN_ID, parentSpanId: SPAN_ID.subarray(1) },
  ],
] as const) {
  t.test(`a span with ${what} is damaged`, async t => {
    t.equal(decodeSpan(writeSpan(fields)), undefined)
  })
}

function nested(levels: number): Uint8Array {
  let value: object = { stringValue: 'deep' }
  for (let level = 0; level < levels; level++) value = { arrayValue: { values: [value] } }
  return writeSpan({ traceId: TRACE_ID, spanId: SPAN_ID, attributes: [{ key: 'k', value }] })
}

t.test('lists may stand in each other 64 deep, and no deeper', async t => {
  t.ok(decodeSpan(nested(64)))
  t.equal(decodeSpan(nested(65)), undefined)
})

t.test(
  'a batch cut anywhere gives every span before the cut, and tells of the one it hit',
  async t => {
    const entries = ['a', 'b', 'c'].map(encodedSpan)
    const bytes = Buffer.concat(entries)
    const ends = entries.map((_, index) => Buffer.concat(entries.slice(0, index + 1)).length)
    for (let length = 0; length <= bytes.length; length++) {
      const { spans, damaged } = decodeSpans(bytes.subarray(0, length))
      const whole = ends.filter(end => end <= length).length
      const isCutInside = length !== 0 && !ends.includes(length)
      if (spans.length !== whole || damaged !== (isCutInside ? 1 : 0))
        t.fail(`${length} bytes: ${spans.length} spans, ${damaged} damaged`)
    }
    t.pass(`${bytes.length} cuts`)
  },
)

t.test('one damaged span does not take the others with it', async t => {
  const entries = ['a', 'b', 'c'].map(encodedSpan).map(entry => Buffer.from(entry))
  // The tag of the trace id becomes one of wire type 7.
  if (entries[1]) entries[1][2] = 0x0f
  const { spans, damaged } = decodeSpans(Buffer.concat(entries))
  t.strictSame([spans.map(span => span.name), damaged], [['a', 'c'], 1])
})

t.test('random damage and random bytes never throw', async t => {
  const random = startRandom()
  t.comment(`BATON_FUZZ_SEED=${random.seed}`)
  const head = encodeHead({ 'service.name': 'fn' }, 'baton', '1')
  for (let round = 0; round < 3000; round++) {
    const writer = new ByteWriter()
    encodeSpan(writer, endedSpan({ list: ['a', 'b'], number: random.below(1e9) }))
    encodeSpan(writer, endedSpan())
    const bytes = writer.copy()
    for (let hits = random.below(4); hits >= 0; hits--)
      bytes[random.below(bytes.length)] = random.below(256)
    decodeSpans(bytes)
    decodeSpans(Buffer.from(Array.from({ length: random.below(80) }, () => random.below(256))))
    decodeHead({ resource: bytes, scope: head.resource })
  }
  t.pass('6000 batches')
})

t.test('resource and scope are read from what every request begins with', async t => {
  const head = encodeHead({ 'service.name': 'fn', memory: 128, absent: undefined }, 'baton', '1.2')
  t.strictSame(decodeHead(head), {
    resource: [
      ['service.name', 'fn'],
      ['memory', 128n],
    ],
    scope: { name: 'baton', version: '1.2' },
  })
  t.strictSame(decodeHead({ resource: Buffer.alloc(0), scope: Buffer.from([0xff]) }), {
    resource: [],
    scope: { name: '', version: '' },
  })
  const cut = head.resource.subarray(0, head.resource.length - 1)
  t.strictSame(decodeHead({ ...head, resource: cut }).scope.name, 'baton')
})

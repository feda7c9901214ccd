// OTLP in both encodings comes out as the same plain spans.
import protobuf from 'protobufjs/minimal.js'
import t from 'tap'
import { decodeJson, decodeProtobuf } from '../../../local/collector/decode.ts'
import { NESTING_LIMIT } from '../../../local/collector/read-values.ts'
import { encodeProtobuf, minimalSpan, wrapSpans } from './encode-otlp.ts'

const ATTRIBUTES = [
  { key: 'text', value: { stringValue: 'a' } },
  { key: 'empty', value: { stringValue: '' } },
  { key: 'yes', value: { boolValue: true } },
  { key: 'no', value: { boolValue: false } },
  { key: 'int', value: { intValue: '-42' } },
  { key: 'largest', value: { intValue: '9223372036854775807' } },
  { key: 'double', value: { doubleValue: 0.5 } },
  { key: 'list', value: { arrayValue: { values: [{ stringValue: 'x' }, { intValue: '1' }] } } },
  { key: '__proto__', value: { stringValue: 'harmless' } },
  { key: 'map', value: { kvlistValue: { values: [{ key: 'k', value: { boolValue: true } }] } } },
  { key: 'none', value: {} },
]

const DECODED_ATTRIBUTES = Object.fromEntries([
  ['text', 'a'],
  ['empty', ''],
  ['yes', true],
  ['no', false],
  ['int', -42],
  ['largest', 9223372036854775807n],
  ['double', 0.5],
  ['list', ['x', 1]],
  ['__proto__', 'harmless'],
  ['map', { k: true }],
  ['none', undefined],
])

/** The same request for both encodings, which differ in how an id and bytes are written. */
function sampleRequest(id: (hex: string) => unknown, bytes: unknown): unknown {
  return {
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'orders' } }] },
        scopeSpans: [
          {
            scope: { name: 'baton', version: '1.2.3' },
            spans: [
              {
                traceId: id('4bf92f3577b34da6a3ce929d0e0e4736'),
                spanId: id('00f067aa0ba902b7'),
                parentSpanId: id('b7ad6b7169203331'),
                traceState: 'vendor=1',
                flags: 257,
                name: 'POST /orders',
                kind: 2,
                startTimeUnixNano: '1767225600123456789',
                endTimeUnixNano: '1767225600987654321',
                attributes: [...ATTRIBUTES, { key: 'bytes', value: { bytesValue: bytes } }],
                droppedAttributesCount: 3,
                events: [
                  {
                    name: 'exception',
                    timeUnixNano: '1767225600500000001',
                    attributes: [{ key: 'exception.type', value: { stringValue: 'TypeError' } }],
                    droppedAttributesCount: 1,
                  },
                ],
                droppedEventsCount: 4,
                links: [
                  {
                    traceId: id('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'),
                    spanId: id('bbbbbbbbbbbbbbbb'),
                    traceState: 'l=1',
                    flags: 1,
                    attributes: [],
                    droppedAttributesCount: 2,
                  },
                ],
                droppedLinksCount: 5,
                status: { code: 2, message: 'it failed' },
              },
            ],
          },
        ],
      },
    ],
  }
}

const EXPECTED = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  parentSpanId: 'b7ad6b7169203331',
  traceState: 'vendor=1',
  flags: 257,
  name: 'POST /orders',
  kind: 'SERVER',
  startTimeUnixNano: 1767225600123456789n,
  endTimeUnixNano: 1767225600987654321n,
  droppedAttributesCount: 3,
  events: [
    {
      name: 'exception',
      timeUnixNano: 1767225600500000001n,
      attributes: { 'exception.type': 'TypeError' },
      droppedAttributesCount: 1,
    },
  ],
  droppedEventsCount: 4,
  links: [
    {
      traceId: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      spanId: 'bbbbbbbbbbbbbbbb',
      traceState: 'l=1',
      flags: 1,
      attributes: {},
      droppedAttributesCount: 2,
    },
  ],
  droppedLinksCount: 5,
  status: { code: 'ERROR', message: 'it failed' },
  resource: { 'service.name': 'orders' },
  scope: { name: 'baton', version: '1.2.3' },
}

t.test('protobuf and JSON of the same spans read the same, to the nanosecond', async t => {
  const bytes = Buffer.from([0, 255])
  const fromProtobuf = decodeProtobuf(
    encodeProtobuf(sampleRequest(hex => Buffer.from(hex, 'hex'), bytes)),
  )
  const fromJson = decodeJson(
    Buffer.from(JSON.stringify(sampleRequest(hex => hex, bytes.toString('base64')))),
  )
  for (const [span] of [fromProtobuf, fromJson]) {
    if (span === undefined) throw new Error('no span')
    const { attributes, ...rest } = span
    t.strictSame(rest, EXPECTED)
    t.strictSame(Buffer.from(attributes.bytes as Uint8Array), bytes)
    t.strictSame({ ...attributes, bytes: undefined }, { ...DECODED_ATTRIBUTES, bytes: undefined })
  }
})

t.test('a request without spans, and a span without optional fields', async t => {
  t.strictSame(decodeProtobuf(Buffer.alloc(0)), [])
  t.strictSame(decodeJson(Buffer.from('{"resourceSpans":[]}')), [])
  const [span] = decodeProtobuf(
    encodeProtobuf(wrapSpans(minimalSpan({ parentSpanId: Buffer.alloc(0) }))),
  )
  t.notOk(Object.hasOwn(span ?? {}, 'parentSpanId'))
  t.match(span, { kind: 'UNSPECIFIED', status: { code: 'UNSET', message: '' }, traceState: '' })
  t.strictSame(span?.attributes, {})
})

t.test(
  'JSON takes ids in either case, numbers for 64 bits, and fields it does not know',
  async t => {
    const [span] = decodeJson(
      Buffer.from(
        JSON.stringify(
          wrapSpans({
            traceId: '4BF92F3577B34DA6A3CE929D0E0E4736',
            spanId: '00f067aa0ba902b7',
            startTimeUnixNano: 17,
            endTimeUnixNano: '18',
            attributes: [{ key: 'nan', value: { doubleValue: 'NaN' } }],
            somethingNew: true,
          }),
        ),
      ),
    )
    t.equal(span?.traceId, '4bf92f3577b34da6a3ce929d0e0e4736')
    t.equal(span?.startTimeUnixNano, 17n)
    t.strictSame(span?.attributes, { nan: Number.NaN })
  },
)

const HEX_SPAN = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
}

for (const [what, message, named] of [
  ['a short trace id', wrapSpans({ ...HEX_SPAN, traceId: 'ab' }), 'spans[0].traceId'],
  ['a zero trace id', wrapSpans({ ...HEX_SPAN, traceId: '0'.repeat(32) }), 'spans[0].traceId'],
  ['no trace id', wrapSpans({ spanId: HEX_SPAN.spanId }), 'spans[0].traceId'],
  ['no span id', wrapSpans({ traceId: HEX_SPAN.traceId }), 'spans[0].spanId'],
  ['a parent in base64', wrapSpans({ ...HEX_SPAN, parentSpanId: 'APBnqgupArc=' }), 'parentSpanId'],
  ['a kind by name', wrapSpans({ ...HEX_SPAN, kind: 'SPAN_KIND_SERVER' }), 'spans[0].kind'],
  ['the first kind there is not', wrapSpans({ ...HEX_SPAN, kind: 6 }), 'spans[0].kind'],
  ['a time in words', wrapSpans({ ...HEX_SPAN, startTimeUnixNano: 'now' }), 'startTimeUnixNano'],
  ['a name that is none', wrapSpans({ ...HEX_SPAN, name: 7 }), 'spans[0].name'],
  ['spans that are none', { resourceSpans: [{ scopeSpans: [{ spans: {} }] }] }, '.spans'],
  [
    'a number as boolean',
    wrapSpans({ ...HEX_SPAN, attributes: [{ key: 'k', value: { boolValue: 1 } }] }),
    'attributes[0].value.boolValue',
  ],
  ['an array as request', [], 'request'],
] as const) {
  t.test(`JSON with ${what} is refused, and the field named`, async t => {
    t.throws(() => decodeJson(Buffer.from(JSON.stringify(message))), {
      code: 'OTLP_MALFORMED',
      message: new RegExp(named.replaceAll(/[[\].]/g, '\\$&')),
    })
  })
}

t.test('bytes that are neither protobuf nor JSON are refused', async t => {
  const whole = encodeProtobuf(wrapSpans(minimalSpan()))
  for (const bytes of [Buffer.from('hello world'), whole.subarray(0, -1), Buffer.alloc(100, 0xff)])
    t.throws(() => decodeProtobuf(bytes), { code: 'OTLP_MALFORMED' })
  t.throws(
    () => decodeProtobuf(encodeProtobuf(wrapSpans(minimalSpan({ spanId: Buffer.alloc(7, 1) })))),
    {
      code: 'OTLP_MALFORMED',
      message: /spanId: expected 8 bytes/,
    },
  )
  t.throws(() => decodeJson(Buffer.from('{"resourceSpans":')), { code: 'OTLP_MALFORMED' })
})

/** A request in JSON whose one attribute is arrays in arrays, so many levels deep. */
function nested(levels: number): string {
  const value = `${'{"arrayValue":{"values":['.repeat(levels)}{}${']}}'.repeat(levels)}`
  return `{"resourceSpans":[{"resource":{"attributes":[{"key":"k","value":${value}}]}}]}`
}

t.test('the deepest value that is taken, and the first that is not', async t => {
  t.strictSame(decodeJson(Buffer.from(nested(NESTING_LIMIT))), [])
  for (const levels of [NESTING_LIMIT + 1, 30_000])
    t.throws(() => decodeJson(Buffer.from(nested(levels))), { code: 'OTLP_MALFORMED' })
})

t.test('protobuf nested without end is refused too', async t => {
  let value = Buffer.alloc(0)
  for (let level = 0; level < 3000; level++) {
    // AnyValue.array_value = 5, ArrayValue.values = 1
    for (const tag of [10, 42]) {
      const head = protobuf.Writer.create().uint32(tag).uint32(value.length).finish()
      value = Buffer.concat([head, value])
    }
  }
  const wrap = (tag: number, inner: Uint8Array): Uint8Array =>
    protobuf.Writer.create().uint32(tag).bytes(inner).finish()
  // KeyValue.value = 2, Resource.attributes = 1, ResourceSpans.resource = 1, request.resource_spans = 1
  const request = wrap(10, wrap(10, wrap(10, wrap(18, value))))
  t.throws(() => decodeProtobuf(request), { code: 'OTLP_MALFORMED' })
})

// Whole messages: every field of OTLP's trace messages, read back by the code generated from the .proto files.
import t from 'tap'
import { ByteWriter } from '../../../instrumentation/export/byte-writer.ts'
import {
  encodeHead,
  encodeRequest,
  encodeSpan,
} from '../../../instrumentation/export/otlp-encoder.ts'
import { SPAN_KIND_CLIENT } from '../../../instrumentation/trace/span-kind.ts'
import { decodeProtobuf } from '../../../local/collector/decode.ts'
import {
  encodeAndRead,
  endedSpan,
  hex,
  type Message,
  readRequest,
  readSpans,
  startSpan,
} from './decode.ts'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const SPAN_ID = 'b7ad6b7169203331'
const LINKED = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  traceFlags: 0,
  traceState: 'congo=t61rcWkgMzE',
}

t.test('the least that a span can hold', async t => {
  const { traceId, spanId, ...rest } = encodeAndRead(endedSpan())
  t.equal(hex(traceId), TRACE_ID)
  t.equal(hex(spanId), SPAN_ID)
  t.strictSame(rest, {
    name: 'n',
    kind: 1,
    startTimeUnixNano: '1700000000000000000',
    endTimeUnixNano: '1700000000001000000',
    flags: 0x101,
  })
})

t.test('the most that a span can hold: every field', async t => {
  const span = startSpan({
    context: { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1, traceState: 'a=1,b=2' },
    parentSpanId: 'aaaaaaaaaaaaaaaa',
    hasRemoteParent: true,
    name: 'GET /é',
    kind: SPAN_KIND_CLIENT,
    limits: { attributeCount: 2, attributeValueLength: 100, eventCount: 1, linkCount: 1 },
  })
  span.setAttributes({ text: 'x', int: 7, more: 1, still: 2, last: 3 })
  span.addEvent('event', 1_700_000_000_000.5, { e: true })
  span.addEvent('dropped', 1)
  span.addEvent('dropped', 1)
  span.addLink(LINKED, { l: 1.5 })
  span.addLink(LINKED)
  span.setError('boom')
  span.end(1_700_000_000_001)
  const { traceId, spanId, parentSpanId, links, ...rest } = encodeAndRead(span)
  t.strictSame([traceId, spanId, parentSpanId].map(hex), [TRACE_ID, SPAN_ID, 'aaaaaaaaaaaaaaaa'])
  t.strictSame(rest, {
    traceState: 'a=1,b=2',
    name: 'GET /é',
    kind: 3,
    startTimeUnixNano: '1700000000000000000',
    endTimeUnixNano: '1700000000001000000',
    attributes: [
      { key: 'text', value: { stringValue: 'x' } },
      { key: 'int', value: { intValue: '7' } },
    ],
    droppedAttributesCount: 3,
    events: [
      {
        timeUnixNano: '1700000000000500000',
        name: 'event',
        attributes: [{ key: 'e', value: { boolValue: true } }],
      },
    ],
    droppedEventsCount: 2,
    droppedLinksCount: 1,
    status: { message: 'boom', code: 2 },
    flags: 0x301,
  })
  const [link] = links as readonly Message[]
  t.strictSame([hex(link?.traceId), hex(link?.spanId)], [LINKED.traceId, LINKED.spanId])
  const { traceId: _trace, spanId: _span, ...linkRest } = link ?? {}
  t.strictSame(linkRest, {
    traceState: LINKED.traceState,
    attributes: [{ key: 'l', value: { doubleValue: 1.5 } }],
    flags: 0x300,
  })
})

for (const [name, value, expected] of [
  ['a text', 'é', { stringValue: 'é' }],
  ['an empty text', '', { stringValue: '' }],
  ['true', true, { boolValue: true }],
  ['false', false, { boolValue: false }],
  ['zero', 0, { intValue: '0' }],
  ['a whole number', -7, { intValue: '-7' }],
  ['the largest safe integer', 2 ** 53 - 1, { intValue: '9007199254740991' }],
  ['the smallest safe integer', -(2 ** 53 - 1), { intValue: '-9007199254740991' }],
  ['the first that is not safe', 2 ** 53, { doubleValue: 2 ** 53 }],
  ['a fraction', 1.5, { doubleValue: 1.5 }],
  ['NaN', Number.NaN, { doubleValue: Number.NaN }],
  ['Infinity', Number.POSITIVE_INFINITY, { doubleValue: Number.POSITIVE_INFINITY }],
  ['an empty list', [], { arrayValue: {} }],
  ['texts', ['a', ''], { arrayValue: { values: [{ stringValue: 'a' }, { stringValue: '' }] } }],
  [
    'numbers, whole and not',
    [1, 1.5],
    { arrayValue: { values: [{ intValue: '1' }, { doubleValue: 1.5 }] } },
  ],
  [
    'booleans',
    [true, false],
    { arrayValue: { values: [{ boolValue: true }, { boolValue: false }] } },
  ],
] as const) {
  t.test(`the value of ${name} is ${JSON.stringify(expected)}`, async t => {
    const { attributes } = encodeAndRead(endedSpan({ key: value }))
    t.strictSame(attributes, [{ key: 'key', value: expected }])
  })
}

t.test('keys are texts like any other', async t => {
  for (const key of ['', 'é', 'k'.repeat(200), '__proto__x', '\ud800']) {
    const { attributes } = encodeAndRead(endedSpan({ [key]: 1 }))
    t.match(attributes, [{ key: key.toWellFormed() }])
  }
})

t.test('an error without a message has no message', async t => {
  const span = startSpan()
  span.setError('')
  span.end(1)
  t.strictSame(encodeAndRead(span).status, { code: 2 })
})

for (const [traceFlags, hasRemoteParent, flags] of [
  [0, false, 0x100],
  [1, false, 0x101],
  [1, true, 0x301],
  [0xff, true, 0x3ff],
] as const) {
  t.test(
    `trace flags ${traceFlags} with a ${hasRemoteParent ? 'remote' : 'local'} parent are ${flags.toString(16)}`,
    async t => {
      const context = { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags, traceState: undefined }
      t.equal(encodeAndRead(startSpan({ context, hasRemoteParent })).flags, flags)
    },
  )
}

t.test('an attribute of any length is whole, at each step of the length of its length', async t => {
  // KeyValue, AnyValue and text each carry a length: the steps fall on texts a few bytes shorter.
  const near = (edge: number) => Array.from({ length: 16 }, (_, index) => edge - index)
  for (const length of [...near(128), ...near(16_384), ...near(2_097_152)]) {
    const { attributes, flags } = encodeAndRead(endedSpan({ k: 'v'.repeat(length), after: 1 }))
    const [first, second] = attributes as readonly { value: { stringValue?: string } }[]
    if (first?.value.stringValue?.length !== length) t.fail(`${length} characters`)
    if (flags !== 0x101 || second === undefined) t.fail(`what stands behind ${length} characters`)
  }
  t.pass('48 lengths')
})

t.test('an event, a link, a list and a status of any length are whole', async t => {
  for (const length of [1, 100, 120, 127, 128, 200, 16_000, 16_384, 70_000]) {
    const long = 'v'.repeat(length)
    const span = startSpan()
    span.setAttribute('list', [long, long])
    span.addEvent(long, 1, { k: long })
    span.addLink({ ...LINKED, traceState: long }, { k: long })
    span.setError(long)
    span.end(2)
    const { attributes, events, links, status } = encodeAndRead(span)
    const value = { stringValue: long }
    t.match(
      { attributes, events, links, status },
      {
        attributes: [{ key: 'list', value: { arrayValue: { values: [value, value] } } }],
        events: [{ name: long, attributes: [{ key: 'k', value }] }],
        links: [{ traceState: long, attributes: [{ key: 'k', value }] }],
        status: { message: long, code: 2 },
      },
    )
  }
})

t.test(
  'a span shorter than 128 bytes is whole: its length takes one byte, not the two left for it',
  async t => {
    const writer = new ByteWriter()
    encodeSpan(writer, endedSpan())
    t.ok(writer.length < 128, `${writer.length} bytes`)
    encodeSpan(writer, endedSpan({ k: 'v'.repeat(100) }))
    encodeSpan(writer, endedSpan({ k: 'v'.repeat(20_000) }))
    encodeSpan(writer, endedSpan())
    t.equal(readSpans(writer.copy()).length, 4)
  },
)

const HEAD = encodeHead(
  { 'service.name': 'fn', 'faas.max_memory': 134_217_728, absent: undefined, list: ['a'] },
  'baton',
  '1.2.3',
)

t.test('a request is resource, scope and spans', async t => {
  const writer = new ByteWriter()
  encodeSpan(writer, endedSpan({ a: 1 }))
  encodeSpan(writer, endedSpan({ b: 2 }))
  const { resourceSpans } = readRequest(encodeRequest(HEAD, writer.copy()))
  t.match(resourceSpans, [
    {
      resource: {
        attributes: [
          { key: 'service.name', value: { stringValue: 'fn' } },
          { key: 'faas.max_memory', value: { intValue: '134217728' } },
          { key: 'list', value: { arrayValue: { values: [{ stringValue: 'a' }] } } },
        ],
      },
      scopeSpans: [
        {
          scope: { name: 'baton', version: '1.2.3' },
          spans: [{ attributes: [{ key: 'a' }] }, { attributes: [{ key: 'b' }] }],
        },
      ],
    },
  ])
  const [only] = resourceSpans as readonly { resource: { attributes: unknown[] } }[]
  t.equal(only?.resource.attributes.length, 3, 'what is undefined is not sent')
})

t.test('a request without spans, and a resource without attributes', async t => {
  const empty = encodeRequest(encodeHead({}, '', ''), new Uint8Array(0))
  t.strictSame(readRequest(empty), {
    resourceSpans: [{ resource: {}, scopeSpans: [{ scope: { name: '', version: '' } }] }],
  })
})

for (const size of [1, 100, 16_300, 16_384, 2_097_000, 2_097_152, 5_000_000]) {
  t.test(`a request around a span with a text of ${size} characters is whole`, async t => {
    const writer = new ByteWriter()
    encodeSpan(writer, endedSpan({ k: 'v'.repeat(size) }))
    const spans = decodeProtobuf(encodeRequest(HEAD, writer.copy()))
    t.equal(spans.length, 1)
    t.equal(String(spans[0]?.attributes.k).length, size)
    t.match(spans[0], { resource: { 'service.name': 'fn' }, scope: { name: 'baton' } })
  })
}

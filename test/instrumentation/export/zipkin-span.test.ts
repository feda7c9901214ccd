// Spans in Zipkin's words: each rule of OpenTelemetry's mapping, and what is hostile to it.
import t from 'tap'
import { decodeHead, decodeSpans } from '../../../instrumentation/export/otlp-decoder.ts'
import { encodeHead } from '../../../instrumentation/export/otlp-encoder.ts'
import { toZipkinSpan, type ZipkinSpan } from '../../../instrumentation/export/zipkin-span.ts'
import type { Attributes } from '../../../instrumentation/trace/attributes.ts'
import type { Span, SpanInit } from '../../../instrumentation/trace/span.ts'
import type { SpanKind } from '../../../instrumentation/trace/span-kind.ts'
import { startRandom } from '../../helpers/random.ts'
import { batchOf, startSpan } from './decode.ts'
import { randomSpan } from './random-span.ts'
import { findZipkinFlaws } from './zipkin-api.ts'

const RESOURCE = { 'service.name': 'Orders', 'service.namespace': 'shop', 'faas.max_memory': 128 }
const HEAD = encodeHead(RESOURCE, 'baton', '1.2.3')
const CLIENT = 3

function convert(span: Span, head = HEAD): ZipkinSpan {
  span.end(span.startMs + 1.5)
  const [decoded] = decodeSpans(batchOf(head, [span]).spans).spans
  if (decoded === undefined) throw new Error('expected a span')
  return toZipkinSpan(decoded, decodeHead(head))
}

function withAttributes(attributes: Attributes, fields: Partial<SpanInit> = {}): ZipkinSpan {
  const span = startSpan(fields)
  span.setAttributes(attributes)
  return convert(span)
}

t.test('a whole span', async t => {
  const span = startSpan({
    parentSpanId: 'aaaaaaaaaaaaaaaa',
    name: 'GET /Orders',
    kind: 2,
    startMs: 1_700_000_000_000.123,
  })
  span.setAttribute('http.route', '/orders')
  const zipkin = convert(span)
  t.strictSame(zipkin, {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    id: 'b7ad6b7169203331',
    parentId: 'aaaaaaaaaaaaaaaa',
    name: 'GET /Orders',
    kind: 'SERVER',
    timestamp: 1_700_000_000_000_123,
    duration: 1500,
    localEndpoint: { serviceName: 'Orders' },
    tags: {
      'service.namespace': 'shop',
      'faas.max_memory': '128',
      'http.route': '/orders',
      'otel.scope.name': 'baton',
      'otel.scope.version': '1.2.3',
    },
  })
  t.strictSame(findZipkinFlaws({ ...zipkin }), [])
})

for (const [kind, expected] of [
  [1, undefined],
  [2, 'SERVER'],
  [3, 'CLIENT'],
  [4, 'PRODUCER'],
  [5, 'CONSUMER'],
] as const) {
  t.test(`kind ${kind} is ${expected ?? 'left out'}`, async t => {
    const zipkin = withAttributes({}, { kind })
    t.equal(zipkin.kind, expected)
    t.equal('kind' in zipkin, expected !== undefined)
  })
}

for (const [ms, duration] of [
  [0, 1],
  [0.000_5, 1],
  [0.001_25, 1],
  [0.002_75, 2],
  [150, 150_000],
] as const) {
  t.test(`a span of ${ms} ms lasts ${duration} µs`, async t => {
    const span = startSpan({ startMs: 0 })
    span.end(ms)
    const [decoded] = decodeSpans(batchOf(HEAD, [span]).spans).spans
    t.equal(decoded && toZipkinSpan(decoded, decodeHead(HEAD)).duration, duration)
  })
}

t.test('a span without a name, a time or a parent has no such field', async t => {
  const zipkin = convert(startSpan({ name: '', startMs: 0 }))
  t.strictSame(
    ['name', 'timestamp', 'parentId', 'annotations', 'remoteEndpoint'].filter(
      each => each in zipkin,
    ),
    [],
  )
})

t.test('a resource without a service is told as what OpenTelemetry calls it', async t => {
  t.strictSame(convert(startSpan(), encodeHead({}, '', '')).localEndpoint, {
    serviceName: 'unknown_service:node',
  })
})

const PEERS = [
  'peer.service',
  'server.address',
  'net.peer.name',
  'network.peer.address',
  'server.socket.domain',
  'server.socket.address',
  'net.sock.peer.name',
  'net.sock.peer.addr',
  'peer.hostname',
  'peer.address',
  'db.name',
]

t.test('the remote endpoint is named by the first of the list that is there', async t => {
  for (const [rank, name] of PEERS.entries()) {
    const attributes = Object.fromEntries(PEERS.slice(rank).map(each => [each, `by ${each}`]))
    const { remoteEndpoint } = withAttributes(attributes, { kind: CLIENT })
    t.strictSame(remoteEndpoint, { serviceName: `by ${name}` })
  }
})

for (const [attributes, expected] of [
  [
    { 'network.peer.address': '10.1.2.3', 'network.peer.port': 443 },
    { ipv4: '10.1.2.3', port: 443 },
  ],
  [{ 'net.sock.peer.addr': '2001:db8::1' }, { ipv6: '2001:db8::1' }],
  [{ 'network.peer.address': '/run/a.sock' }, { serviceName: '/run/a.sock' }],
  [{ 'network.peer.address': '10.1.2.3', 'network.peer.port': 65_536 }, { ipv4: '10.1.2.3' }],
  [
    { 'network.peer.address': '10.1.2.3', 'network.peer.port': 65_535 },
    { ipv4: '10.1.2.3', port: 65_535 },
  ],
  [{ 'network.peer.address': '10.1.2.3', 'network.peer.port': 'x' }, { ipv4: '10.1.2.3' }],
  [{ 'peer.service': '', 'server.address': 'host' }, { serviceName: 'host' }],
  [{}, undefined],
] as const) {
  t.test(`a call to ${JSON.stringify(attributes)} went to ${JSON.stringify(expected)}`, async t => {
    t.strictSame(withAttributes(attributes, { kind: CLIENT }).remoteEndpoint, expected)
  })
}

for (const kind of [1, 2, 5] as const satisfies readonly SpanKind[]) {
  t.test(`a span of kind ${kind} has no remote endpoint`, async t => {
    t.equal(withAttributes({ 'peer.service': 'x' }, { kind }).remoteEndpoint, undefined)
  })
}

for (const [value, expected] of [
  ['text', 'text'],
  ['', ''],
  [true, 'true'],
  [false, 'false'],
  [-7, '-7'],
  [1.5, '1.5'],
  [1e21, '1e+21'],
  [Number.NaN, 'NaN'],
  [Number.NEGATIVE_INFINITY, '-Infinity'],
  [['a', 'b"'], '["a","b\\""]'],
  [[1, 1.5, Number.NaN], '[1,1.5,"NaN"]'],
  [[true], '[true]'],
  [[], '[]'],
  ['\ud800', '\ufffd'],
] as const) {
  t.test(`the tag of ${JSON.stringify(value)} is ${expected}`, async t => {
    t.equal(withAttributes({ key: value }).tags?.key, expected)
  })
}

t.test('what the span says wins over its resource, and odd keys are keys', async t => {
  const { tags } = withAttributes({ 'service.namespace': 'own', __proto__x: 1, '': 2 })
  t.match(tags, { 'service.namespace': 'own', __proto__x: '1', '': '2' })
  const odd = withAttributes(JSON.parse('{"__proto__":"p","constructor":"c"}')).tags ?? {}
  t.strictSame([Object.hasOwn(odd, '__proto__'), odd.constructor], [true, 'c'])
  t.match(JSON.stringify(odd), '"__proto__":"p"')
})

t.test('a failed span says so in two tags, also without a message', async t => {
  for (const message of ['boom', '']) {
    const span = startSpan()
    span.setError(message)
    t.match(convert(span).tags, { 'otel.status_code': 'ERROR', error: message })
  }
})

t.test('a span that did not fail has neither tag, and no error=false', async t => {
  for (const error of [false, 'false']) {
    const { tags = {} } = withAttributes({ error })
    t.strictSame(
      ['error', 'otel.status_code'].filter(each => each in tags),
      [],
    )
  }
})

t.test('what was dropped is counted in tags', async t => {
  const span = startSpan({
    limits: { attributeCount: 1, attributeValueLength: 9, eventCount: 0, linkCount: 0 },
  })
  span.setAttributes({ a: 1, b: 2, c: 3 })
  span.addEvent('e', 1)
  span.addLink(span.context)
  t.match(convert(span).tags, {
    'otel.dropped_attributes_count': '2',
    'otel.dropped_events_count': '1',
    'otel.dropped_links_count': '1',
  })
  t.notOk('otel.dropped_events_count' in (withAttributes({}).tags ?? {}))
})

t.test('events are annotations: a name alone, or a name with its attributes', async t => {
  const span = startSpan()
  span.addEvent('plain', 1_700_000_000_000.25)
  span.addEvent('with "quotes"', 1_700_000_000_001, { key: 'value', list: [1] })
  t.strictSame(convert(span).annotations, [
    { timestamp: 1_700_000_000_000_250, value: 'plain' },
    { timestamp: 1_700_000_000_001_000, value: '"with \\"quotes\\"": {"key":"value","list":[1]}' },
  ])
})

t.test("random spans keep to the API's definition", async t => {
  const random = startRandom()
  t.comment(`BATON_FUZZ_SEED=${random.seed}`)
  const head = decodeHead(HEAD)
  for (let round = 0; round < 500; round++) {
    const [decoded] = decodeSpans(batchOf(HEAD, [randomSpan(random)]).spans).spans
    if (decoded === undefined) throw new Error('expected a span')
    const flaws = findZipkinFlaws(JSON.parse(JSON.stringify(toZipkinSpan(decoded, head))))
    if (flaws.length > 0) t.fail(`span ${round}: ${flaws}`)
  }
  t.pass('500 spans')
})

t.test('the definition is one that a span can break', async t => {
  const whole = { traceId: 'a'.repeat(32), id: 'b'.repeat(16) }
  t.strictSame(findZipkinFlaws(whole), [])
  for (const [name, value] of [
    ['traceId', 'a'.repeat(31)],
    ['id', 'B'.repeat(16)],
    ['kind', 'INTERNAL'],
    ['duration', 0],
    ['timestamp', 1.5],
    ['tags', { a: 1 }],
    ['annotations', [{ value: 'x' }]],
    ['remoteEndpoint', { port: 0 }],
    ['links', []],
  ] as const) {
    t.strictSame(findZipkinFlaws({ ...whole, [name]: value }), [name])
  }
})

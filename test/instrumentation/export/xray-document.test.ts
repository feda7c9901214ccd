// Spans in X-Ray's words: what becomes a segment and what a subsegment, their names, and where attributes go.
import t from 'tap'
import { decodeHead, decodeSpans } from '../../../instrumentation/export/otlp-decoder.ts'
import { toXRayDocument } from '../../../instrumentation/export/xray/document.ts'
import { ATTR_XRAY_SEGMENT } from '../../../instrumentation/propagation/xray-segment.ts'
import { startRandom } from '../../helpers/random.ts'
import { batchOf, startSpan } from './decode.ts'
import { randomSpan } from './random-span.ts'
import { findXRayFlaws } from './xray-schema.ts'
import { convert, HEAD, PARENT, startCall } from './xray-spans.ts'

const SEGMENT = '53995c3f42cd8ad8'
const INTERNAL = 1
const SERVER = 2
const CONSUMER = 5

t.test(
  "an invocation in the trace of Lambda's header is a subsegment of Lambda's segment",
  async t => {
    const span = startSpan({
      parentSpanId: SEGMENT,
      hasRemoteParent: true,
      kind: SERVER,
      name: 'GET /orders/{id}',
      startMs: 1_700_000_000_123.456,
    })
    span.setAttributes({ [ATTR_XRAY_SEGMENT]: SEGMENT, 'faas.coldstart': true })
    t.strictSame(convert(t, span), {
      name: 'GET /orders/id',
      id: 'b7ad6b7169203331',
      trace_id: '1-0af76519-16cd43dd8448eb211c80319c',
      start_time: 1_700_000_000.123456,
      end_time: 1_700_000_000.124956,
      parent_id: SEGMENT,
      type: 'subsegment',
      annotations: { faas_coldstart: true },
      metadata: {
        otel: {
          name: 'GET /orders/{id}',
          resource: { 'service.name': 'orders', 'faas.max_memory': 128 },
          scope: { name: 'baton', version: '1.2.3' },
        },
      },
    })
  },
)

t.test(
  "Lambda's segment is the parent also where the event named another span of that trace",
  async t => {
    const span = startSpan({ parentSpanId: PARENT, hasRemoteParent: true, kind: SERVER })
    span.setAttribute(ATTR_XRAY_SEGMENT, SEGMENT)
    t.match(convert(t, span), { type: 'subsegment', parent_id: SEGMENT })
  },
)

t.test('an invocation whose trace came in its event is a segment of that trace', async t => {
  const span = startSpan({ parentSpanId: PARENT, hasRemoteParent: true, kind: SERVER, name: 'GET' })
  span.setAttribute('cloud.resource_id', 'arn:aws:lambda:eu-west-1:1:function:orders')
  t.match(convert(t, span), {
    name: 'orders',
    type: undefined,
    parent_id: PARENT,
    origin: 'AWS::Lambda::Function',
    resource_arn: 'arn:aws:lambda:eu-west-1:1:function:orders',
    metadata: { otel: { name: 'GET' } },
  })
})

t.test("what is no segment's id is an attribute like any other", async t => {
  const span = startSpan({ kind: SERVER })
  span.setAttribute(ATTR_XRAY_SEGMENT, 'x'.repeat(16))
  const document = convert(t, span)
  t.notOk('type' in document)
  t.match(document.annotations, { baton_xray_segment: 'x'.repeat(16) })
})

t.test('a root is a segment without a parent', async t => {
  const document = convert(t, startSpan({ kind: CONSUMER }))
  t.notOk('parent_id' in document)
  t.notOk('type' in document)
})

t.test('a span inside of an invocation is a subsegment of its parent', async t => {
  t.match(convert(t, startCall()), { type: 'subsegment', parent_id: PARENT, namespace: 'remote' })
  const internal = convert(t, startCall({}, { kind: INTERNAL, name: 'work' }))
  t.match(internal, { name: 'work', type: 'subsegment' })
  t.notOk('namespace' in internal)
  t.notOk('in_progress' in internal)
})

for (const [attributes, name] of [
  [{ 'server.address': 'api.example.com' }, 'api.example.com'],
  [{ 'peer.service': 'billing', 'server.address': 'api.example.com' }, 'billing'],
  [{ 'rpc.system.name': 'aws-api', 'rpc.method': 'DynamoDB/PutItem' }, 'DynamoDB'],
  [
    { 'rpc.system.name': 'aws-api', 'rpc.method': 'PutItem', 'rpc.service': 'DynamoDB' },
    'DynamoDB',
  ],
  [
    { 'db.system.name': 'postgresql', 'db.namespace': 'shop', 'server.address': 'db.example' },
    'shop@db.example',
  ],
  [{ 'db.system.name': 'redis' }, 'GET'],
  [{}, 'GET'],
] as const) {
  t.test(`a call with ${JSON.stringify(attributes)} is named ${name}`, async t => {
    t.equal(convert(t, startCall(attributes)).name, name)
  })
}

for (const [name, expected] of [
  ['a'.repeat(200), 'a'.repeat(200)],
  ['a'.repeat(201), 'a'.repeat(200)],
  ['Größe 1_.:/%&#=+\\-@', 'Größe 1_.:/%&#=+\\-@'],
  ['a*b\n(c)"<d>', 'abcd'],
  ['😀 a 𝒳\ud800', ' a '],
  ['', 'unnamed'],
  ['***', 'unnamed'],
] as const) {
  t.test(`the name ${JSON.stringify(name.slice(0, 30))} (${name.length}) is made fit`, async t => {
    const document = convert(t, startCall({}, { kind: INTERNAL, name }))
    t.equal(document.name, expected)
    // What could not stand as the name stands there.
    t.equal(document.metadata?.otel.name, name === expected ? undefined : name.toWellFormed())
  })
}

t.test('50 attributes can be searched for, the 51st is metadata', async t => {
  const attributes = Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`key.${n}`, n]))
  const { annotations = {}, metadata } = convert(t, startCall(attributes))
  t.equal(Object.keys(annotations).length, 50)
  t.equal(annotations.key_49, 49)
  t.strictSame(metadata?.otel.attributes, { 'key.50': 50 })
})

t.test('what cannot be searched for is metadata: lists, long texts, keys that meet', async t => {
  const { annotations, metadata } = convert(
    t,
    startCall({
      list: ['a'],
      long: 'x'.repeat(1001),
      most: 'x'.repeat(1000),
      'a.b': 1,
      a_b: 2,
      ünï: true,
      nan: Number.NaN,
      empty: '',
    }),
  )
  t.strictSame(annotations, { most: 'x'.repeat(1000), a_b: 1, _n_: true, nan: 'NaN' })
  t.strictSame(metadata?.otel.attributes, {
    list: ['a'],
    long: 'x'.repeat(1001),
    a_b: 2,
    empty: '',
  })
})

t.test('links, tracestate and what was dropped are metadata', async t => {
  const span = startCall(
    { a: 1, b: 2 },
    {
      context: { ...startSpan().context, traceState: 'k=v' },
      limits: { attributeCount: 1, attributeValueLength: 9, eventCount: 0, linkCount: 1 },
    },
  )
  span.addEvent('e', 1)
  span.addLink(startSpan().context, { l: 1 })
  span.addLink(startSpan().context)
  t.match(convert(t, span).metadata?.otel, {
    trace_state: 'k=v',
    links: [{ trace_id: '0af7651916cd43dd8448eb211c80319c', attributes: { l: 1 } }],
    dropped_attributes: 1,
    dropped_events: 1,
    dropped_links: 1,
  })
})

t.test('random spans keep to the schema', async t => {
  const random = startRandom()
  t.comment(`BATON_FUZZ_SEED=${random.seed}`)
  const head = decodeHead(HEAD)
  for (let round = 0; round < 500; round++) {
    const [decoded] = decodeSpans(batchOf(HEAD, [randomSpan(random)]).spans).spans
    if (decoded === undefined) throw new Error('expected a span')
    const document = JSON.parse(JSON.stringify(toXRayDocument(decoded, head)))
    const flaws = findXRayFlaws(document)
    if (flaws.length > 0)
      t.fail(`span ${round}: ${flaws}: ${JSON.stringify(document).slice(0, 500)}`)
  }
  t.pass('500 spans')
})

t.test('the schema is one that a document can break', async t => {
  const whole = JSON.parse(JSON.stringify(convert(t, startCall())))
  for (const [name, value] of [
    ['name', 'a'.repeat(201)],
    ['name', 'a{b}'],
    ['name', ''],
    ['id', 'b7ad6b716920333'],
    ['trace_id', '0af7651916cd43dd8448eb211c80319c'],
    ['end_time', 0],
    ['start_time', '1'],
    ['annotations', { 'a.b': 1 }],
    ['annotations', { a: [1] }],
    ['metadata', { a: [1] }],
    ['in_progress', true],
    ['namespace', 'other'],
    ['http', { request: { url: 'u'.repeat(251) } }],
    ['cause', { exceptions: [{ message: 'no id' }] }],
  ] as const) {
    t.strictSame(findXRayFlaws({ ...whole, [name]: value }), [name])
  }
})

// Formats as their specifications have them, their order, and what a call carries.
import t from 'tap'
import {
  type Carrier,
  headerCarrier,
  mapCarrier,
} from '../../../instrumentation/propagation/carrier.ts'
import {
  createPropagation,
  type PropagatorName,
} from '../../../instrumentation/propagation/propagation.ts'
import type { SpanContext } from '../../../instrumentation/trace/span-context.ts'
import { type Headers, WIRE_FORMATS } from './wire-formats.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'
const HIGH = TRACE.slice(0, 16)
const LOW = TRACE.slice(16)
const PADDED = LOW.padStart(32, '0')
const DECIMAL_LOW = BigInt(`0x${LOW}`).toString()
const DECIMAL_SPAN = BigInt(`0x${SPAN}`).toString()

/** What a reader finds: trace id, span id, and `1` (sampled), `0` (not) or `?` (left open). */
function read(names: readonly PropagatorName[], headers: unknown): string | undefined {
  const context = createPropagation(names).extract(headerCarrier(headers))?.spanContext
  if (context === undefined) return undefined
  const { traceId, spanId, traceFlags, isDeferred } = context
  return `${traceId} ${spanId} ${isDeferred ? '?' : traceFlags}`
}

t.test('every format is read as its specification has it', async t => {
  const cases: [PropagatorName, Headers, string | undefined][] = [
    ['b3', { b3: `${TRACE}-${SPAN}-1` }, `${TRACE} ${SPAN} 1`],
    ['b3', { b3: `${TRACE}-${SPAN}-0-00000000000000aa` }, `${TRACE} ${SPAN} 0`],
    ['b3', { b3: `${TRACE}-${SPAN}-d` }, `${TRACE} ${SPAN} 1`],
    ['b3', { b3: `${TRACE}-${SPAN}` }, `${TRACE} ${SPAN} ?`],
    ['b3', { b3: `${LOW}-${SPAN}-1` }, `${PADDED} ${SPAN} 1`],
    ['b3', { b3: `${TRACE}-${SPAN}-2` }, undefined],
    ['b3', { b3: `${TRACE}-${SPAN}-1-` }, undefined],
    ['b3', { b3: `${TRACE}-${SPAN}-1-00000000000000aa-1` }, undefined],
    ['b3', { b3: `${TRACE.slice(1)}-${SPAN}-1` }, undefined],
    ['b3', { b3: '0' }, undefined],
    ['b3', { b3: '1' }, undefined],
    ['b3', { b3: 'd' }, undefined],
    ['b3multi', { 'X-B3-TraceId': TRACE, 'X-B3-SpanId': SPAN }, `${TRACE} ${SPAN} ?`],
    [
      'b3multi',
      { 'x-b3-traceid': LOW, 'x-b3-spanid': SPAN, 'x-b3-sampled': 'false' },
      `${PADDED} ${SPAN} 0`,
    ],
    [
      'b3multi',
      { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-sampled': '0', 'x-b3-flags': '1' },
      `${TRACE} ${SPAN} 1`,
    ],
    [
      'b3multi',
      { b3: `${TRACE}-${SPAN}-1`, 'x-b3-traceid': '1'.repeat(32), 'x-b3-spanid': SPAN },
      `${TRACE} ${SPAN} 1`,
    ],
    ['b3', { b3: 'broken', 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN }, `${TRACE} ${SPAN} ?`],
    ['jaeger', { 'uber-trace-id': `${TRACE}:${SPAN}:0:1` }, `${TRACE} ${SPAN} 1`],
    ['jaeger', { 'uber-trace-id': `${TRACE}%3A${SPAN}%3A0%3A0` }, `${TRACE} ${SPAN} 0`],
    ['jaeger', { 'uber-trace-id': `${TRACE}:${SPAN}:0:2` }, `${TRACE} ${SPAN} 1`],
    ['jaeger', { 'uber-trace-id': `${TRACE}:${SPAN}:0:08` }, `${TRACE} ${SPAN} 0`],
    [
      'jaeger',
      { 'uber-trace-id': 'abc:1:0:1' },
      `${'abc'.padStart(32, '0')} ${'1'.padStart(16, '0')} 1`,
    ],
    ['jaeger', { 'uber-trace-id': `${TRACE}:${SPAN}:0` }, undefined],
    ['jaeger', { 'uber-trace-id': `${TRACE}:${SPAN}:0:1:1` }, undefined],
    ['jaeger', { 'uber-trace-id': `${TRACE}:${SPAN}:0:x` }, undefined],
    ['jaeger', { 'uber-trace-id': `${TRACE}:${SPAN}:0:001` }, undefined],
    ['jaeger', { 'uber-trace-id': '%E0%A4%A' }, undefined],
    [
      'ottrace',
      { 'ot-tracer-traceid': LOW, 'ot-tracer-spanid': SPAN, 'ot-tracer-sampled': 'true' },
      `${PADDED} ${SPAN} 1`,
    ],
    [
      'ottrace',
      { 'ot-tracer-traceid': TRACE, 'ot-tracer-spanid': SPAN, 'ot-tracer-sampled': 'false' },
      `${TRACE} ${SPAN} 0`,
    ],
    ['ottrace', { 'ot-tracer-traceid': TRACE, 'ot-tracer-spanid': SPAN }, `${TRACE} ${SPAN} ?`],
    ['ottrace', { 'ot-tracer-traceid': TRACE }, undefined],
  ]
  for (const [name, headers, expected] of cases)
    t.equal(read([name], headers), expected, `${name} ${JSON.stringify(headers)}`)
})

t.test("Datadog's and Instana's headers are read under any names but none", async t => {
  const datadog = { 'x-datadog-trace-id': DECIMAL_LOW, 'x-datadog-parent-id': DECIMAL_SPAN }
  const max = (2n ** 64n - 1n).toString()
  const cases: [Headers, string | undefined][] = [
    [{ ...datadog, 'x-datadog-sampling-priority': '1' }, `${PADDED} ${SPAN} 1`],
    [{ ...datadog, 'x-datadog-sampling-priority': '2' }, `${PADDED} ${SPAN} 1`],
    [{ ...datadog, 'x-datadog-sampling-priority': '0' }, `${PADDED} ${SPAN} 0`],
    [{ ...datadog, 'x-datadog-sampling-priority': '-1' }, `${PADDED} ${SPAN} 0`],
    [{ ...datadog, 'x-datadog-tags': `a=b,_dd.p.tid=${HIGH}` }, `${TRACE} ${SPAN} ?`],
    [{ ...datadog, 'x-datadog-tags': '_dd.p.tid=broken' }, `${PADDED} ${SPAN} ?`],
    [{ ...datadog, 'x-datadog-trace-id': max }, `${'f'.repeat(16).padStart(32, '0')} ${SPAN} ?`],
    [{ ...datadog, 'x-datadog-trace-id': (2n ** 64n).toString() }, undefined],
    [{ ...datadog, 'x-datadog-trace-id': '0x10' }, undefined],
    [{ ...datadog, 'x-datadog-parent-id': '0' }, undefined],
    [{ 'x-instana-t': LOW, 'x-instana-s': SPAN }, `${PADDED} ${SPAN} 1`],
    [{ 'X-INSTANA-T': TRACE, 'X-INSTANA-S': SPAN, 'X-INSTANA-L': '0' }, `${TRACE} ${SPAN} 0`],
    [
      { 'x-instana-t': TRACE, 'x-instana-s': SPAN, 'x-instana-l': '1,correlationType=web' },
      `${TRACE} ${SPAN} 1`,
    ],
    [{ 'x-instana-l': '0' }, undefined],
  ]
  for (const [headers, expected] of cases) {
    t.equal(read(['tracecontext'], headers), expected, JSON.stringify(headers))
    t.equal(read(['baggage'], headers), expected)
    t.equal(read(['none'], headers), undefined)
  }
})

t.test('the order of the names decides, and foreign formats come last', async t => {
  const headers = Object.assign(
    {},
    ...WIRE_FORMATS.map((format, index) =>
      format.write({ traceId: `${index + 1}`.repeat(32), spanId: SPAN }),
    ),
  )
  t.match(read(['tracecontext', 'b3'], headers), /^1{32} /)
  t.match(read(['b3', 'tracecontext'], headers), /^3{32} /)
  t.match(read(['baggage'], headers), /^7{32} /)
  t.equal(read(['none', 'tracecontext'], headers), undefined)
})

t.test("X-Ray's refusal counts only where no other format is spoken", async t => {
  const header = (sampled: string) => ({
    'X-Amzn-Trace-Id': `Root=1-${TRACE.slice(0, 8)}-${TRACE.slice(8)};Parent=${SPAN}${sampled}`,
  })
  for (const name of ['xray', 'xray-lambda'] as const) {
    t.equal(read(['tracecontext', name], header(';Sampled=1')), `${TRACE} ${SPAN} 1`)
    t.equal(read(['tracecontext', name], header(';Sampled=0')), undefined)
    t.equal(read(['tracecontext', name], header(';Sampled=?')), undefined)
    t.equal(read(['baggage', name], header(';Sampled=0')), `${TRACE} ${SPAN} 0`)
    t.equal(read([name], header(';Sampled=?')), `${TRACE} ${SPAN} ?`)
    t.equal(read([name], header('')), `${TRACE} ${SPAN} ?`)
  }
  t.match(
    read(['xray', 'tracecontext'], {
      ...header(';Sampled=0'),
      traceparent: `00-${'1'.repeat(32)}-${SPAN}-00`,
    }),
    /^1{32} \w+ 0$/,
    'and it hides nothing',
  )
})

t.test('b3 says without ids that nothing is to be traced', async t => {
  const denies = (headers: Headers) =>
    createPropagation(['b3']).denies?.(headerCarrier(headers)) ?? 'cannot'
  t.equal(denies({ b3: '0' }), true)
  t.equal(denies({ 'X-B3-Sampled': '0' }), true)
  t.equal(denies({ 'X-B3-Sampled': 'false' }), true)
  t.equal(denies({ b3: '1' }), false)
  t.equal(denies({ b3: 'd' }), false)
  t.equal(denies({ 'x-b3-traceid': TRACE, 'x-b3-sampled': '0' }), false)
  t.equal(denies({}), false)
  t.equal(createPropagation(['tracecontext', 'jaeger']).denies, undefined)
})

t.test('members of baggage come together from all formats that carry it', async t => {
  const headers = {
    baggage: 'a=1,b=2;ttl=60',
    'uberctx-b': 'other',
    'UberCtx-C': 'x%20y',
    'ot-baggage-d': 'plain text',
    'ot-baggage-': 'nameless',
    'ot-baggage-bad key': 'v',
  }
  const carrier = headerCarrier(headers)
  const all = createPropagation(['tracecontext', 'baggage', 'jaeger', 'ottrace'])
  t.equal(all.extractBaggage(carrier), 'a=1,b=2;ttl=60,c=x%20y,d=plain%20text')
  t.equal(createPropagation(['tracecontext', 'xray']).extractBaggage(carrier), undefined)
  t.equal(createPropagation(['jaeger']).extractBaggage(carrier), 'b=other,c=x%20y')
  const many = Object.fromEntries(
    Array.from({ length: 300 }, (_, index) => [`uberctx-k${index}`, 'v']),
  )
  t.equal(createPropagation(['jaeger']).extractBaggage(mapCarrier(many))?.split(',').length, 180)
  const unlisted: Carrier = name => mapCarrier(headers)(name)
  t.equal(all.extractBaggage(unlisted), 'a=1,b=2;ttl=60', 'a carrier that cannot list')
})

const CONTEXT: SpanContext = { traceId: TRACE, spanId: SPAN, traceFlags: 1, traceState: 'v=1' }

function write(
  names: readonly PropagatorName[],
  given: { baggage?: string; traceHeader?: string; context?: SpanContext; has?: Headers } = {},
): Headers {
  const headers: Headers = {}
  const { has } = given
  createPropagation(names).inject(
    {
      spanContext: given.context ?? CONTEXT,
      baggage: given.baggage,
      traceHeader: given.traceHeader,
    },
    (name, value) => {
      headers[name] = value
    },
    has && (name => Object.hasOwn(has, name)),
  )
  return headers
}

const XRAY = `Root=1-${TRACE.slice(0, 8)}-${TRACE.slice(8)};Parent=${SPAN};Sampled=1`

t.test('a call carries every format that is named, and nothing else', async t => {
  t.strictSame(
    write(
      ['tracecontext', 'baggage', 'xray', 'xray-lambda', 'b3', 'b3multi', 'jaeger', 'ottrace'],
      {
        baggage: 'k=a%20b;p=1,u=%C3%A4',
      },
    ),
    {
      traceparent: `00-${TRACE}-${SPAN}-01`,
      tracestate: 'v=1',
      baggage: 'k=a%20b;p=1,u=%C3%A4',
      'x-amzn-trace-id': XRAY,
      b3: `${TRACE}-${SPAN}-1`,
      'x-b3-traceid': TRACE,
      'x-b3-spanid': SPAN,
      'x-b3-sampled': '1',
      'uber-trace-id': `${TRACE}:${SPAN}:0:1`,
      'uberctx-k': 'a%20b',
      'uberctx-u': '%C3%A4',
      'ot-tracer-traceid': LOW,
      'ot-tracer-spanid': SPAN,
      'ot-tracer-sampled': 'true',
      'ot-baggage-k': 'a b',
      'ot-baggage-u': '%C3%A4',
    },
  )
  t.strictSame(write(['none', 'b3'], { baggage: 'k=v' }), {})
  t.strictSame(write(['baggage']), {})
  t.strictSame(write(['b3'], { context: { ...CONTEXT, traceFlags: 0 } }), {
    b3: `${TRACE}-${SPAN}-0`,
  })
  const { fields } = createPropagation(['tracecontext', 'b3', 'jaeger'])
  t.strictSame(fields, ['traceparent', 'tracestate', 'b3', 'uber-trace-id', 'uberctx-'])
})

t.test('what a call has already stays: one header, or a format whose span is named', async t => {
  const names: PropagatorName[] = ['tracecontext', 'baggage', 'b3multi']
  const given = { baggage: 'k=v' }
  t.strictSame(Object.keys(write(names, { ...given, has: { 'x-b3-spanid': 'theirs' } })), [
    'traceparent',
    'tracestate',
    'baggage',
  ])
  t.strictSame(
    Object.keys(write(names, { ...given, has: { tracestate: 'a=1', baggage: 'theirs=1' } })),
    ['traceparent', 'x-b3-traceid', 'x-b3-spanid', 'x-b3-sampled'],
  )
})

t.test("X-Ray's header names our trace, and keeps what others put into the platform's", async t => {
  const lineage = 'Lineage=1:a87bd80c:0|68fd508a:5|c512fbe3:2'
  const foreign = `Root=1-11111111-222222222222222222222222;Parent=${SPAN};Sampled=0;${lineage}`
  const traceHeader = (header: string) =>
    write(['xray'], { traceHeader: header })['x-amzn-trace-id']
  t.equal(traceHeader(foreign), `${XRAY};${lineage}`)
  const own = `Self=1-2-3;Root=1-${TRACE.slice(0, 8)}-${TRACE.slice(8)};Parent=1111111111111111;Sampled=0;${lineage}`
  t.equal(traceHeader(own), `Self=1-2-3;${XRAY};${lineage}`)
  t.equal(traceHeader('Root=broken;Lineage=1'), XRAY)
})

t.test('a getter that throws in one format hides none of the others', async t => {
  const carrier: Carrier = name => {
    if (name === 'traceparent' || name === 'baggage') throw new Error(name)
    return name === 'b3' ? `${TRACE}-${SPAN}-1` : undefined
  }
  const propagation = createPropagation(['tracecontext', 'baggage', 'b3'])
  t.match(propagation.extract(carrier), { spanContext: { traceId: TRACE }, baggage: undefined })
  t.equal(propagation.extractBaggage(carrier), undefined)
})

import t from 'tap'
import { headerCarrier, type NamedCarrier } from '../../../instrumentation/propagation/carrier.ts'
import { extractParent } from '../../../instrumentation/propagation/extract-parent.ts'

const SPAN = 'b7ad6b7169203331'
const traceId = (digit: string) => digit.repeat(32)
const traceparent = (digit: string, flags = '01') => `00-${traceId(digit)}-${SPAN}-${flags}`
const XRAY_TRACE = '5759e988bd862e3fe1be46a994272793'
const xray = (rest: string) => `Root=1-5759e988-bd862e3fe1be46a994272793${rest}`
const xraySpan = (traceFlags: number) => ({
  traceId: XRAY_TRACE,
  spanId: '53995c3f42cd8ad8',
  traceFlags,
  traceState: undefined,
})
const SAMPLED = xray(';Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a87bd80c:0')
const UNSAMPLED = xray(';Parent=53995c3f42cd8ad8;Sampled=0')

const event = (...headers: unknown[]): NamedCarrier[] =>
  headers.map((each, i) => ({ name: `event.${i}`, carrier: headerCarrier(each) }))
const extract = (
  carriers: readonly NamedCarrier[],
  clientContext?: unknown,
  traceHeader?: string,
) => extractParent({ carriers, clientContext, traceHeader })

t.test('the event beats the client context, which beats the X-Ray header', async t => {
  const clientContext = { custom: { traceparent: traceparent('2') } }
  const all = extract(event({ traceparent: traceparent('1') }), clientContext, SAMPLED)
  t.equal(all.parent?.spanContext.traceId, traceId('1'))
  t.equal(all.parent?.carrier, 'event.0')
  t.equal(all.parent?.isRemote, true)
  t.strictSame(
    all.links.map(({ context }) => context.traceId),
    [traceId('2'), xraySpan(1).traceId],
    'the others are links',
  )
  t.strictSame(all.tried, [])
  const same = extract(event({ traceparent: traceparent('2') }), clientContext, undefined)
  t.strictSame(same.links, [], 'the parent itself is none')

  const direct = extract(event({}), clientContext, SAMPLED)
  t.equal(direct.parent?.spanContext.traceId, traceId('2'))
  t.equal(direct.parent?.carrier, 'client-context')
  t.strictSame(direct.links, [{ context: xraySpan(1) }])

  const bare = extract(event({}), undefined, SAMPLED)
  t.strictSame(bare.parent?.spanContext, xraySpan(1))
  t.equal(bare.parent?.carrier, 'xray')
  t.strictSame(bare.links, [])
})

t.test('an unsampled W3C parent is still the parent', async t => {
  const { parent } = extract(event({ traceparent: traceparent('1', '00') }), undefined, SAMPLED)
  t.equal(parent?.spanContext.traceId, traceId('1'))
  t.equal(parent?.spanContext.traceFlags, 0)
})

t.test('an X-Ray header that is not sampled is a link and no parent', async t => {
  for (const decision of [';Sampled=0', ';Sampled=?', '']) {
    const header = xray(`;Parent=53995c3f42cd8ad8${decision}`)
    const found = extract(event({}), undefined, header)
    t.equal(found.parent, undefined)
    t.strictSame(found.links, [{ context: xraySpan(0) }])
    t.strictSame(found.tried, ['event.0', 'client-context', 'xray'])
  }
})

t.test('an X-Ray header without Parent, or a broken one, is neither', async t => {
  for (const header of [xray(';Sampled=1'), 'Root=1-0-0;Parent=1;Sampled=1', '', undefined]) {
    const found = extract([], undefined, header)
    t.equal(found.parent, undefined)
    t.strictSame(found.links, [])
    t.strictSame(found.tried, ['client-context', 'xray'])
  }
})

t.test('a link to the parent itself is left out', async t => {
  const same = `00-${XRAY_TRACE}-53995c3f42cd8ad8-01`
  t.strictSame(extract(event({ traceparent: same }), undefined, SAMPLED).links, [])
  const sameTrace = `00-${XRAY_TRACE}-${SPAN}-01`
  t.strictSame(extract(event({ traceparent: sameTrace }), undefined, SAMPLED).links, [
    { context: xraySpan(1) },
  ])
})

t.test('a valid carrier after a broken one counts', async t => {
  const broken = [
    { traceparent: 'garbage' },
    { traceparent: 'x'.repeat(100_000) },
    { traceparent: traceparent('0') },
    { traceparent: 42 },
    null,
    'text',
    JSON.parse('{"__proto__":{"traceparent":"x"}}'),
    Object.defineProperty({}, 'traceparent', {
      enumerable: true,
      get: () => {
        throw new Error('no')
      },
    }),
  ]
  const valid = event(...broken, { TraceParent: [traceparent('1')] })
  const { parent } = extract(valid, undefined, UNSAMPLED)
  t.equal(parent?.spanContext.traceId, traceId('1'))
  t.equal(parent?.carrier, `event.${broken.length}`)
  for (const custom of broken) {
    const found = extract(event(...broken), {
      w3c: custom,
      custom,
      Custom: { traceparent: traceparent('3') },
    })
    t.equal(found.parent?.spanContext.traceId, traceId('3'))
  }
})

t.test('client context is read as w3c, custom, Custom', async t => {
  const w3c = { traceparent: traceparent('1'), tracestate: 'a=1', baggage: 'k=v' }
  const custom = { traceparent: traceparent('2') }
  const Custom = { traceparent: traceparent('3') }
  const first = extract([], { Custom, custom, w3c }).parent
  t.strictSame(first, {
    spanContext: { traceId: traceId('1'), spanId: SPAN, traceFlags: 1, traceState: 'a=1' },
    baggage: 'k=v',
    isRemote: true,
    carrier: 'client-context',
  })
  t.equal(extract([], { Custom, custom }).parent?.spanContext.traceId, traceId('2'))
  t.equal(extract([], { Custom }).parent?.spanContext.traceId, traceId('3'))
  for (const other of [null, 'text', 7, [], { env: w3c }, { custom: [w3c] }, { w3c: 'text' }]) {
    const found = extract([], other)
    t.equal(found.parent, undefined)
    t.strictSame(found.tried, ['client-context', 'xray'])
  }
})

t.test('a broken tracestate does not cost the parent', async t => {
  const { parent } = extract(event({ traceparent: traceparent('1'), tracestate: 'A B C' }))
  t.equal(parent?.spanContext.traceId, traceId('1'))
  t.equal(parent?.spanContext.traceState, undefined)
})

t.test('baggage comes with the parent, and by itself when there is no W3C parent', async t => {
  const theirs = extract(event({ baggage: 'from=broken' }, { traceparent: traceparent('1') }))
  t.equal(theirs.baggage, undefined, "another carrier's baggage belongs to another caller")
  const alone = extract(event({ traceparent: 'broken', baggage: 'k=v' }), undefined, UNSAMPLED)
  t.equal(alone.parent, undefined)
  t.equal(alone.baggage, 'k=v')
  const withXRay = extract(event({ baggage: 'k=v' }), undefined, SAMPLED)
  t.equal(withXRay.parent?.baggage, 'k=v')
  t.equal(withXRay.baggage, 'k=v')
})

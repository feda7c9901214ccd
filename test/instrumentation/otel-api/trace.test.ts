// Tracers and spans by way of the real @opentelemetry/api.
import {
  type Span as ApiSpan,
  context,
  INVALID_SPAN_CONTEXT,
  isSpanContextValid,
  ROOT_CONTEXT,
  SpanKind,
  trace,
} from '@opentelemetry/api'
import t from 'tap'
import { attributesOf, startApi } from './start-api.ts'

const { run, ended, warnings, tracer: native } = startApi()
const tracer = trace.getTracer('shop', '1.2.3')

t.beforeEach(() => {
  ended.length = 0
})
const last = () => ended.at(-1)

t.test('a tracer asked for twice is the same one, and knows its scope', async t => {
  t.equal(trace.getTracer('shop', '1.2.3'), tracer)
  t.not(trace.getTracer('shop', '1.2.4'), tracer)
  tracer.startSpan('s').end()
  t.strictSame(last()?.scope, { name: 'shop', version: '1.2.3' })
  trace.getTracer('bare').startSpan('s').end()
  t.strictSame(last()?.scope, { name: 'bare', version: undefined })
})

t.test('names made up for each call are not remembered for ever', async t => {
  for (let each = 0; each < 300; each++) trace.getTracer(`made-up-${each}`)
  t.not(trace.getTracer('made-up-299'), trace.getTracer('made-up-299'))
  trace.getTracer('made-up-299').startSpan('s').end()
  t.equal(last()?.scope?.name, 'made-up-299')
})

t.test('the invocation is the active span, and says what the code says of it', async t => {
  run(invocation => {
    const active = trace.getActiveSpan()
    t.equal(active, trace.getActiveSpan(), 'the same object each time')
    t.equal(active?.spanContext().spanId, invocation.context.spanId)
    active?.setAttribute('a', 1).updateName('renamed')
    t.strictSame(attributesOf(invocation), { a: 1 })
    t.equal(invocation.name, 'renamed')
    active?.end()
    t.notOk(invocation.isEnded, 'but whoever started it ends it')
  })
  t.equal(trace.getActiveSpan(), undefined)
})

t.test('a span started in an invocation is its child, and one of a root is nobody’s', async t => {
  run(invocation => {
    tracer.startSpan('child').end()
    t.equal(last()?.parentSpanId, invocation.context.spanId)
    t.equal(last()?.context.traceId, invocation.context.traceId)
    t.notOk(last()?.hasRemoteParent)
    tracer.startSpan('root', { root: true }).end()
    t.equal(last()?.parentSpanId, undefined)
    t.not(last()?.context.traceId, invocation.context.traceId)
    tracer.startSpan('alone', {}, ROOT_CONTEXT).end()
    t.equal(last()?.parentSpanId, undefined)
  })
})

t.test('a parent of another process is marked as such; an invalid one is none', async t => {
  const remote = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1, isRemote: true }
  tracer.startSpan('s', {}, trace.setSpanContext(ROOT_CONTEXT, remote)).end()
  t.match(last(), { parentSpanId: remote.spanId, hasRemoteParent: true })
  t.equal(last()?.context.traceId, remote.traceId)
  for (const invalid of [
    INVALID_SPAN_CONTEXT,
    { ...remote, traceId: 'zz' },
    { ...remote, spanId: 'Ä'.repeat(16) },
  ]) {
    tracer.startSpan('s', {}, trace.setSpanContext(ROOT_CONTEXT, invalid)).end()
    t.equal(last()?.parentSpanId, undefined)
    t.ok(isSpanContextValid(trace.wrapSpanContext(last()?.context as never).spanContext()))
  }
})

t.test('kinds are numbered as OTLP has them', async t => {
  for (const [kind, expected] of [
    [SpanKind.INTERNAL, 1],
    [SpanKind.SERVER, 2],
    [SpanKind.CLIENT, 3],
    [SpanKind.PRODUCER, 4],
    [SpanKind.CONSUMER, 5],
    [undefined, 1],
    [9 as SpanKind, 1],
    ['CLIENT' as unknown as SpanKind, 1],
  ] as const) {
    tracer.startSpan('s', kind === undefined ? {} : { kind }).end()
    t.equal(last()?.kind, expected)
  }
})

t.test(
  'startActiveSpan in its three forms: active inside, passed in, what is returned comes out',
  async t => {
    const under = context.active().setValue(Symbol.for('x'), 7)
    const check = (span: ApiSpan): string => {
      t.equal(trace.getActiveSpan(), span)
      span.end()
      return 'result'
    }
    t.equal(tracer.startActiveSpan('one', check), 'result')
    t.equal(tracer.startActiveSpan('two', { attributes: { a: 1 } }, check), 'result')
    t.strictSame(attributesOf(last()), { a: 1 })
    t.equal(
      tracer.startActiveSpan('three', { kind: SpanKind.CLIENT }, under, span => {
        t.equal(context.active().getValue(Symbol.for('x')), 7)
        return check(span)
      }),
      'result',
    )
    t.strictSame(
      ended.map(({ name }) => name),
      ['one', 'two', 'three'],
    )
    t.equal(trace.getActiveSpan(), undefined)
  },
)

t.test('what the work throws comes through, and the span is left to the code', async t => {
  t.throws(
    () =>
      tracer.startActiveSpan('s', () => {
        throw new RangeError('mine')
      }),
    RangeError,
  )
  t.strictSame(ended, [])
})

t.test('under a span that is not sampled none records, and the ids travel on', async t => {
  const unsampled = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 0 }
  const span = tracer.startSpan('s', {}, trace.setSpanContext(ROOT_CONTEXT, unsampled))
  t.notOk(span.isRecording())
  t.match(span.spanContext(), { traceId: unsampled.traceId, traceFlags: 0 })
  t.not(span.spanContext().spanId, unsampled.spanId)
  span.setAttribute('a', 1).end()
  t.strictSame(ended, [])
})

t.test('a span around a context alone does nothing', async t => {
  const only = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 }
  run(() => undefined, { spanContext: { ...only, traceState: undefined } })
  native.run(
    { spanContext: { ...only, traceState: 'k=v' }, baggage: undefined, openSpans: new Set() },
    () => {
      const span = trace.getActiveSpan()
      t.match(span?.spanContext(), only)
      t.equal(span?.spanContext().traceState?.serialize(), 'k=v')
      t.notOk(span?.isRecording())
      t.equal(
        span?.setAttribute('a', 1).setAttributes({}).addEvent('e').setStatus({ code: 2 }),
        span,
      )
      t.equal(span?.updateName('n').addLink({ context: only }).addLinks([]), span)
      span?.recordException('x')
      span?.end()
    },
  )
})

t.test('tracestate is read and changed without changing the span', async t => {
  run(
    () => {
      const state = trace.getActiveSpan()?.spanContext().traceState
      t.equal(state?.get('a'), '1')
      t.equal(state?.set('b', '2').serialize(), 'b=2,a=1')
      t.equal(state?.set('Bad Key', '2').serialize(), 'a=1')
      t.equal(state?.unset('a').serialize(), '')
      t.equal(state?.serialize(), 'a=1')
    },
    {
      spanContext: {
        traceId: 'a'.repeat(32),
        spanId: 'b'.repeat(16),
        traceFlags: 1,
        traceState: 'a=1',
      },
    },
  )
})

t.test('names and versions that are no texts harm nobody', async t => {
  trace
    .getTracer(undefined as never, 5 as never)
    .startSpan(undefined as never, null as never)
    .end()
  t.match(last(), { name: 'undefined', scope: { name: '', version: '5' } })
  tracer
    .startSpan('s')
    .addEvent(5 as never)
    .updateName(null as never)
    .end()
  t.match(last(), { name: 'null', events: [{ name: '5' }] })
})

t.test('code that asks for the provider behind the proxy can flush it', async t => {
  interface Delegate {
    getDelegate(): Delegate
    forceFlush(): Promise<void>
    shutdown(): Promise<void>
  }
  const provider = trace.getTracerProvider() as unknown as Delegate
  await t.resolves(provider.getDelegate().forceFlush())
  await t.resolves(provider.shutdown())
  tracer.startSpan('after').end()
  t.equal(ended.length, 1, 'which ends nothing')
})

t.test('nothing failed behind the API', async t => t.strictSame(warnings, []))

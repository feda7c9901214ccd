import { EventEmitter, once } from 'node:events'
import t from 'tap'
import { createIdSource } from '../../../instrumentation/trace/ids.ts'
import { Aside } from '../../../instrumentation/trace/keep.ts'
import type { Sampler, SamplingRequest } from '../../../instrumentation/trace/sampler.ts'
import type { Span } from '../../../instrumentation/trace/span.ts'
import type { SpanContext } from '../../../instrumentation/trace/span-context.ts'
import { SPAN_KIND_CLIENT, SPAN_KIND_INTERNAL } from '../../../instrumentation/trace/span-kind.ts'
import { type ActiveContext, Tracer } from '../../../instrumentation/trace/tracer.ts'

const PARENT: SpanContext = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: 1,
  traceState: 'a=1',
}

function startTracer(sampler?: Sampler) {
  const ended: Span[] = []
  let nowMs = 1000
  const tracer = new Tracer({
    clock: { now: () => nowMs++, anchor() {} },
    ids: createIdSource(Uint32Array.of(1, 2, 3, 4)),
    limits: { attributeCount: 9, attributeValueLength: 99, eventCount: 9, linkCount: 9 },
    onEnd: span => void ended.push(span),
    ...(sampler && { sampler }),
  })
  return { tracer, ended }
}

const contextOf = (spanContext: SpanContext): ActiveContext => ({
  spanContext,
  baggage: undefined,
  openSpans: new Set(),
})

const OPTIONS = { name: 'n', kind: SPAN_KIND_INTERNAL, parent: undefined } as const

t.test('without a parent a span begins a trace of its own, and is sampled', async t => {
  const { tracer, ended } = startTracer()
  const [first, second] = [tracer.startSpan(OPTIONS), tracer.startSpan(OPTIONS)]
  t.match(first, {
    context: { traceId: /^[0-9a-f]{32}$/, spanId: /^[0-9a-f]{16}$/, traceFlags: 1 },
    parentSpanId: undefined,
    hasRemoteParent: false,
    startMs: 1000,
  })
  t.equal(first.context.traceState, undefined)
  t.not(first.context.traceId, second.context.traceId)
  first.end(2000)
  t.strictSame(ended, [first])
})

t.test('with a parent a span is of its trace, its flags and its state', async t => {
  const { tracer, ended } = startTracer()
  const span = tracer.startSpan({ ...OPTIONS, parent: PARENT, hasRemoteParent: true })
  t.match(span, { parentSpanId: PARENT.spanId, hasRemoteParent: true })
  const { spanId, ...rest } = span.context
  const { spanId: _parent, ...expected } = PARENT
  t.strictSame(rest, expected)
  t.not(spanId, PARENT.spanId)
  span.end(2000)
  t.strictSame(ended, [span])
})

t.test(
  'under a parent that is not sampled a span has ids as any other and goes nowhere',
  async t => {
    const { tracer, ended } = startTracer()
    const span = tracer.startSpan({ ...OPTIONS, parent: { ...PARENT, traceFlags: 0 } })
    t.match(span.context, { traceId: PARENT.traceId, spanId: /^[0-9a-f]{16}$/, traceFlags: 0 })
    span.end(2000)
    t.equal(span.isEnded, true)
    t.strictSame(ended, [])
  },
)

t.test('other flags of the parent are kept', async t => {
  const { tracer, ended } = startTracer()
  const span = tracer.startSpan({ ...OPTIONS, parent: { ...PARENT, traceFlags: 3 } })
  t.equal(span.context.traceFlags, 3)
  span.end(2000)
  t.equal(ended.length, 1)
})

t.test('nothing is active outside of run()', async t => {
  const { tracer } = startTracer()
  const context = contextOf(PARENT)
  t.equal(tracer.active(), undefined)
  t.equal(
    tracer.run(context, () => tracer.active()),
    context,
  )
  t.equal(tracer.active(), undefined)
  t.throws(() =>
    tracer.run(context, () => {
      throw new Error('user code')
    }),
  )
  t.equal(tracer.active(), undefined)
})

t.test('contexts nest, and the outer one comes back', async t => {
  const { tracer } = startTracer()
  const [outer, inner] = [contextOf(PARENT), contextOf({ ...PARENT, spanId: 'aaaaaaaaaaaaaaaa' })]
  tracer.run(outer, () => {
    tracer.run(inner, () => t.equal(tracer.active(), inner))
    t.equal(tracer.active(), outer)
  })
})

t.test('the active context follows the code through awaits, timers and events', async t => {
  const { tracer } = startTracer()
  const context = contextOf(PARENT)
  const steps: boolean[] = []
  const note = () => void steps.push(tracer.active() === context)
  await tracer.run(context, async () => {
    await null
    note()
    await new Promise(resolve => setTimeout(resolve, 1))
    note()
    await new Promise(resolve => setImmediate(resolve))
    note()
    const emitter = new EventEmitter()
    process.nextTick(() => emitter.emit('done'))
    await once(emitter, 'done')
    note()
    await Promise.all([Promise.resolve().then(note), Promise.reject().catch(note)])
  })
  t.strictSame(steps, Array(6).fill(true))
  t.equal(tracer.active(), undefined)
})

t.test('contexts side by side do not mix', async t => {
  const { tracer } = startTracer()
  const contexts = Array.from({ length: 5 }, (_, index) =>
    contextOf({ ...PARENT, spanId: `${index}`.padStart(16, '1') }),
  )
  const work = async () => {
    const seen = new Set<unknown>()
    for (let step = 0; step < 20; step++) {
      await new Promise(resolve => setImmediate(resolve))
      seen.add(tracer.active())
    }
    return [...seen]
  }
  t.strictSame(
    await Promise.all(contexts.map(context => tracer.run(context, work))),
    contexts.map(context => [context]),
  )
})

t.test(
  'open spans stand on the context they were started under, oldest first, until they end',
  async t => {
    const { tracer } = startTracer()
    const context = contextOf(PARENT)
    const outside = tracer.startSpan(OPTIONS)
    const spans = tracer.run(context, () =>
      ['a', 'b', 'c'].map(name => tracer.startSpan({ ...OPTIONS, name, kind: SPAN_KIND_CLIENT })),
    )
    t.strictSame([...context.openSpans], spans)
    // Ended elsewhere, as a socket's callback may be.
    spans[1]?.end(2000)
    t.strictSame(
      [...context.openSpans].map(span => span.name),
      ['a', 'c'],
    )
    outside.end(2000)
    for (const span of spans) span.end(2000)
    t.equal(context.openSpans.size, 0)
  },
)

t.test('a span that is not sampled records nothing and is not among the open ones', async t => {
  const { tracer } = startTracer()
  const context = contextOf({ ...PARENT, traceFlags: 0 })
  const span = tracer.run(context, () =>
    tracer.startSpan({ ...OPTIONS, parent: context.spanContext }),
  )
  t.equal(span.isRecording, false)
  t.equal(context.openSpans.size, 0)
  span.setAttributes({ a: 1 })
  span.setAttribute('b', 2)
  span.fillAttributes({ c: 3 })
  span.addEvent('e', 1)
  span.addLink(PARENT)
  span.setError('failed')
  t.match(span, { attributes: [], events: [], links: [], statusCode: 0 })
  span.end(2000)
  t.equal(span.isEnded, true)
})

t.test('the sampler is asked where the parent is not of this process, and only there', async t => {
  const asked: SamplingRequest[] = []
  const sampler: Sampler = {
    sample(request) {
      asked.push(request)
      return { isSampled: request.isDenied, traceState: 'theirs=1' }
    },
  }
  const { tracer, ended } = startTracer(sampler)
  const root = tracer.startSpan(OPTIONS)
  const remote = tracer.startSpan({
    ...OPTIONS,
    name: 'r',
    parent: { ...PARENT, traceFlags: 3 },
    hasRemoteParent: true,
    isDenied: true,
  })
  const local = tracer.startSpan({ ...OPTIONS, parent: remote.context })
  t.match(root.context, { traceFlags: 0, traceState: 'theirs=1' })
  t.match(remote.context, { traceId: PARENT.traceId, traceFlags: 3, traceState: 'theirs=1' })
  t.match(local.context, { traceFlags: 3, traceState: 'theirs=1' })
  t.match(asked, [
    { traceId: root.context.traceId, parent: undefined, isDenied: false, name: 'n', kind: 1 },
    { traceId: PARENT.traceId, parent: { ...PARENT, traceFlags: 3 }, isDenied: true, name: 'r' },
  ])
  t.equal(asked.length, 2)
  for (const span of [root, local, remote]) span.end(5000)
  t.strictSame(ended, [local, remote])
})

t.test(
  'spans that are not sampled are held aside where there is an aside, the children too',
  async t => {
    const { tracer, ended } = startTracer({
      sample: () => ({ isSampled: false, traceState: 'ot=rv:00000000000001' }),
    })
    for (const isKept of [true, false]) {
      const kept: Span[] = []
      const aside = new Aside(span => void kept.push(span))
      const root = tracer.startSpan({ ...OPTIONS, aside })
      t.match(root, {
        isRecording: true,
        context: { traceFlags: 0, traceState: 'baton=tail,ot=rv:00000000000001' },
      })
      const context: ActiveContext = { ...contextOf(root.context), aside }
      tracer.run(context, () => {
        const start = () => tracer.startSpan({ ...OPTIONS, parent: root.context })
        const [first, second] = [start(), start()]
        t.strictSame([...context.openSpans], [first, second])
        t.equal(first.context.traceState, root.context.traceState)
        second.end(5000)
        first.end(5000)
        t.strictSame([kept, ended], [[], []], 'nobody knows yet')
        aside.settle(isKept)
        root.end(5000)
        const late = start()
        t.equal(late.isRecording, isKept)
        late.end(6000)
        t.strictSame(kept, isKept ? [second, first, root, late] : [])
      })
    }
    t.strictSame(ended, [])
  },
)

t.test('a sampled span does not go aside', async t => {
  const { tracer, ended } = startTracer()
  const aside = new Aside(() => t.fail('it was sampled'))
  const span = tracer.startSpan({ ...OPTIONS, aside })
  t.equal(span.context.traceState, undefined)
  span.end(2000)
  aside.settle(true)
  t.strictSame(ended, [span])
})

// Contexts, baggage and propagation by way of the real @opentelemetry/api.
import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Context,
  context,
  createContextKey,
  propagation,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api'
import { context as newer } from 'api-1-10'
import t from 'tap'
import { SPAN_KIND_CLIENT } from '../../../instrumentation/trace/span-kind.ts'
import { startApi } from './start-api.ts'

const { run, ended, tracer: native } = startApi()
const tracer = trace.getTracer('t')
const KEY = createContextKey('a key of the function')
const REMOTE = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 }
const SUPPRESS = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING')

t.beforeEach(() => {
  ended.length = 0
})

const contexts: readonly (readonly [string, () => Context])[] = [
  ['the root context of a copy of the API', () => ROOT_CONTEXT],
  ['the active context', () => context.active()],
]
for (const [name, start] of contexts) {
  t.test(`${name}: values are set, read and deleted, and no context changes`, async t => {
    run(() => {
      const before = start()
      const one = before.setValue(KEY, 1)
      const two = one.setValue(KEY, 2).setValue(createContextKey('other'), 'o')
      t.equal(before.getValue(KEY), undefined)
      t.equal(one.getValue(KEY), 1)
      t.equal(two.getValue(KEY), 2)
      t.equal(two.deleteValue(KEY).getValue(KEY), undefined)
      t.equal(two.deleteValue(KEY).getValue(createContextKey('other')), 'o')
      t.equal(two.getValue(KEY), 2)
    })
  })

  t.test(`${name}: with() makes it active, nests, and gives back what the work gives`, async t => {
    run(() => {
      const outside = context.active()
      const one = start().setValue(KEY, 1)
      const two = one.setValue(KEY, 2)
      const result = context.with(one, () => {
        t.equal(context.active(), one)
        context.with(two, () => t.equal(context.active(), two))
        t.equal(context.active(), one)
        return 'result'
      })
      t.equal(result, 'result')
      t.equal(context.active(), outside)
    })
  })
}

t.test('with() passes receiver and arguments on, and throws what the work throws', async t => {
  const add = function (this: { base: number }, a: number, b: number): number {
    return this.base + a + b
  }
  t.equal(context.with(ROOT_CONTEXT, add, { base: 1 }, 2, 3), 6)
  t.throws(() =>
    context.with(ROOT_CONTEXT, () => {
      throw new RangeError('mine')
    }),
  )
  t.equal(
    context.with(null as never, () => 'none given'),
    'none given',
  )
})

t.test('a context follows awaits, timers and promises, side by side', async t => {
  const read = async (value: number): Promise<unknown> =>
    context.with(ROOT_CONTEXT.setValue(KEY, value), async () => {
      await sleep(5 - value)
      await new Promise(resolve => setImmediate(resolve))
      return context.active().getValue(KEY)
    })
  t.strictSame(await Promise.all([1, 2, 3].map(read)), [1, 2, 3])
})

t.test('bind() binds functions with their receiver, arguments and length', async t => {
  const bound = context.bind(
    ROOT_CONTEXT.setValue(KEY, 1),
    function (this: unknown, a: number, b: number) {
      return [this, a + b, context.active().getValue(KEY)]
    },
  )
  t.equal(bound.length, 2)
  const receiver = { bound }
  t.strictSame(receiver.bound(1, 2), [receiver, 3, 1])
  t.equal(context.bind(ROOT_CONTEXT, 5), 5, 'what is no function stays as it is')
  const object = {}
  t.equal(context.bind(ROOT_CONTEXT, object), object)
})

t.test('bind() binds the listeners of an emitter, and they can be taken off again', async t => {
  const emitter = context.bind(ROOT_CONTEXT.setValue(KEY, 1), new EventEmitter())
  t.equal(context.bind(ROOT_CONTEXT.setValue(KEY, 2), emitter), emitter, 'the first one counts')
  const seen: unknown[] = []
  const listener = (event: string): void => void seen.push([event, context.active().getValue(KEY)])
  for (const add of [
    'on',
    'addListener',
    'prependListener',
    'once',
    'prependOnceListener',
  ] as const)
    emitter[add](add, listener)
  for (const event of emitter.eventNames())
    for (let twice = 0; twice < 2; twice++) emitter.emit(event, event)
  t.strictSame(
    seen.map(each => (each as unknown[])[1]),
    Array.from({ length: 8 }, () => 1),
  )
  for (const off of ['on', 'addListener'] as const) emitter.off(off, listener)
  emitter.removeListener('prependListener', listener)
  emitter.once('later', listener)
  emitter.off('later', listener)
  t.strictSame(emitter.eventNames(), [])
  emitter.on('one', listener).removeAllListeners('one')
  t.equal(emitter.listenerCount('one'), 0)
  const waiting = once(emitter, 'promised')
  emitter.emit('promised', 5)
  t.strictSame(await waiting, [5])
})

t.test('attach() of a newer API holds until it is disposed of', async t => {
  run(() => {
    const before = newer.active()
    const token = newer.attach(newer.active().setValue(KEY, 1))
    t.equal(newer.active().getValue(KEY), 1)
    t.equal(context.active().getValue(KEY), 1)
    token.dispose()
    token.dispose()
    t.equal(newer.active(), before)
  })
})

t.test('a span of the code is the parent of a library’s, and the other way round', async t => {
  run(invocation => {
    tracer.startActiveSpan('mine', mine => {
      const active = native.active()
      t.equal(active?.spanContext.spanId, mine.spanContext().spanId)
      t.equal(active?.openSpans, native.activeOrHidden()?.openSpans)
      const library = native.startSpan({
        name: 'GET',
        kind: SPAN_KIND_CLIENT,
        parent: active?.spanContext,
      })
      if (active === undefined) throw new Error('expected a context')
      native.run({ ...active, spanContext: library.context }, () => {
        t.equal(trace.getActiveSpan()?.spanContext().spanId, library.context.spanId)
        tracer.startSpan('in the library').end()
      })
      t.equal(trace.getActiveSpan(), mine)
      library.end(Date.now())
      mine.end()
    })
    const [inner, library, mine] = ended
    t.equal(inner?.parentSpanId, library?.context.spanId)
    t.equal(library?.parentSpanId, mine?.context.spanId)
    t.equal(mine?.parentSpanId, invocation.context.spanId)
  })
})

t.test('values of the code hold inside of a library’s span', async t => {
  run(() => {
    const baggage = propagation.createBaggage({ a: { value: '1' } })
    for (const start of [ROOT_CONTEXT, context.active()]) {
      const mine = trace.setSpanContext(
        propagation.setBaggage(start.setValue(KEY, 1), baggage),
        REMOTE,
      )
      context.with(mine, () => {
        const active = native.active()
        if (active === undefined) throw new Error('expected a context')
        t.equal(active.baggage, 'a=1')
        native.run(
          { ...active, spanContext: { ...active.spanContext, spanId: 'c'.repeat(16) } },
          () => {
            t.equal(context.active().getValue(KEY), 1)
            t.equal(propagation.getActiveBaggage(), baggage)
            t.equal(trace.getActiveSpan()?.spanContext().spanId, 'c'.repeat(16))
          },
        )
      })
    }
  })
})

t.test(
  'where the code takes the span out, or suppresses tracing, libraries see no context',
  async t => {
    run(() => {
      for (const hidden of [
        ROOT_CONTEXT,
        trace.deleteSpan(context.active()),
        context.active().setValue(SUPPRESS, true),
      ]) {
        context.with(hidden, () => t.equal(native.active(), undefined))
      }
      context.with(context.active().setValue(SUPPRESS, true), () => {
        const span = tracer.startSpan('s')
        t.notOk(span.isRecording())
        t.equal(span.spanContext().traceId, '0'.repeat(32))
        const carrier = {}
        propagation.inject(context.active(), carrier)
        t.strictSame(carrier, {})
      })
      context.with(ROOT_CONTEXT, () => tracer.startSpan('of a new trace').end())
      t.equal(ended.at(-1)?.parentSpanId, undefined)
    })
  },
)

t.test('spans under a root context are still the invocation’s to end', async t => {
  run(() => {
    const openSpans = native.active()?.openSpans
    context.with(ROOT_CONTEXT, () => tracer.startSpan('left open'))
    t.strictSame(
      [...(openSpans ?? [])].map(({ name }) => name),
      ['left open'],
    )
  })
})

// An environment that waited for its first event: a trace of its own. And what is recorded of loads that overlap.
import t from 'tap'
import { createInitPhase } from '../../../instrumentation/coldstart/init-phase.ts'
import { recordModuleLoads } from '../../../instrumentation/coldstart/module-loads.ts'
import { createGuard } from '../../../instrumentation/guard.ts'
import { createIdSource } from '../../../instrumentation/trace/ids.ts'
import type { Span } from '../../../instrumentation/trace/span.ts'
import { SPAN_KIND_SERVER } from '../../../instrumentation/trace/span-kind.ts'
import { Tracer } from '../../../instrumentation/trace/tracer.ts'

const LIMITS = { attributeCount: 128, attributeValueLength: 1000, eventCount: 128, linkCount: 128 }

/** Told of the first invocation so long after the init phase ended. */
function tellAfter(gapMs: number): { init: Span | undefined; invocation: Span } {
  let nowMs = 1000
  const ended: Span[] = []
  const tracer = new Tracer({
    clock: { now: () => nowMs, anchor() {} },
    ids: createIdSource(),
    limits: LIMITS,
    onEnd: span => ended.push(span),
  })
  const phase = createInitPhase({
    tracer,
    subscribe: () => () => {},
    guard: createGuard({ warn: t.fail }),
    uptimeMs: () => 50,
    readyUptimeMs: 30,
    taskRoot: '/var/task',
    loadChunk: () => {
      throw new Error('expected no chunk to be needed')
    },
    minMs: 1,
    maxSpans: 100,
  })
  phase.loading()
  phase.loaded()
  phase.ended()
  nowMs += gapMs
  const invocation = tracer.startSpan({ name: 'fn', kind: SPAN_KIND_SERVER, parent: undefined })
  phase.tell({ spanContext: invocation.context }, invocation)
  phase.tell({ spanContext: invocation.context }, invocation)
  t.strictSame(
    ended.map(({ name, startMs, endMs }) => [name, startMs, endMs]),
    [['init', 950, 1000]],
  )
  t.strictSame(ended[0]?.attributes, [
    'baton.init.node_ms',
    30,
    'baton.init.tracing_ms',
    20,
    'baton.init.handler_ms',
    0,
  ])
  return { init: ended[0], invocation }
}

t.test('up to 10 s before the first event it is part of its trace', async t => {
  const { init, invocation } = tellAfter(9_999)
  t.equal(init?.parentSpanId, invocation.context.spanId)
  t.strictSame(init?.links, [])
})

t.test('longer before, it is a trace of its own, and each names the other', async t => {
  const { init, invocation } = tellAfter(10_000)
  t.equal(init?.parentSpanId, undefined)
  t.not(init?.context.traceId, invocation.context.traceId)
  t.strictSame(
    [init?.links[0]?.context, invocation.links[0]?.context],
    [invocation.context, init?.context],
  )
})

t.test('imports that overlap, and one that nobody waits for', async t => {
  let nowMs = 0
  const listeners = new Map<string, (message: unknown) => void>()
  const loads = recordModuleLoads(
    (channel, listener) => {
      listeners.set(channel, listener)
      return () => void listeners.delete(channel)
    },
    () => nowMs,
    1,
  )
  const publish = (event: string, message: object): void => {
    nowMs += 1
    listeners.get(`tracing:module.${event}`)?.(message)
  }
  const [first, second] = [{ url: 'first' }, { url: 'second', parentURL: 'file:///a.mjs' }]
  publish('import:start', first)
  publish('import:start', second)
  loads.read('node:fs')
  loads.read('file:///second.mjs')
  publish('import:end', second)
  publish('require:start', { id: 'inner', parentFilename: '/second.cjs' })
  publish('require:end', { error: undefined })
  publish('require:end', {})
  publish('import:asyncStart', second)
  publish('import:asyncStart', {})
  nowMs += 1
  loads.stop()
  loads.read('file:///late.mjs')
  t.equal(listeners.size, 0)
  t.match(loads.roots, [
    {
      id: 'first',
      endMs: nowMs,
      children: [
        {
          kind: 'import',
          id: 'second',
          children: [
            { kind: 'read', id: 'file:///second.mjs' },
            { kind: 'require', id: 'inner', isFailed: true },
          ],
        },
      ],
    },
  ])
})

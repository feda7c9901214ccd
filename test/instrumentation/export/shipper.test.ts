// When spans leave, and for how long that is waited for: the policy's decisions carried out. The collectors are
// transports of the test's own.
import t from 'tap'
import { encodeHead } from '../../../instrumentation/export/otlp-encoder.ts'
import type { ShipMode } from '../../../instrumentation/export/policy.ts'
import { createShipping } from '../../../instrumentation/export/shipping.ts'
import type { SendResult, Transport } from '../../../instrumentation/export/transport.ts'
import { readSpans, startSpan } from './decode.ts'

const ACCEPTED: SendResult = { status: 'accepted' }
const RETRY: SendResult = { status: 'retry', reason: 'collector is down' }
const REJECTED: SendResult = { status: 'rejected', reason: 'collector said 400' }
const START_MS = 1_700_000_000_000

type Answer = SendResult | Promise<SendResult>

interface Collector extends Transport {
  readonly sent: string[]
  readonly attributes: unknown[]
}

function collect(...answers: Answer[]): Collector {
  const sent: string[] = []
  const attributes: unknown[] = []
  return {
    sent,
    attributes,
    async send({ spans }) {
      const read = readSpans(spans)
      sent.push(read.map(span => span.name).join(''))
      attributes.push(...read.map(span => span.attributes))
      return answers.shift() ?? ACCEPTED
    },
  }
}

function start(
  collectors: readonly Transport[],
  options: {
    mode?: ShipMode
    mayFreeze?: boolean
    maxQueueSize?: number
    maxDelayMs?: number
  } = {},
) {
  const state = { nowMs: START_MS }
  const warnings: string[] = []
  const { shipper } = createShipping({
    routes: collectors.map(transport => ({ transport, timeoutMs: 10_000 })),
    head: encodeHead({}, 'baton', '1'),
    maxQueueSize: options.maxQueueSize ?? 10,
    policy: {
      mode: options.mode ?? 'auto',
      maxDelayMs: options.maxDelayMs ?? 60_000,
      maxBatchSpans: 5,
    },
    mayFreeze: options.mayFreeze ?? true,
    journal: undefined,
    loadChunk: () => {
      throw new Error('expected no chunk to be needed')
    },
    log: { warn: message => void warnings.push(message) },
    nowMs: () => state.nowMs,
  })
  const add = (names: string): void => {
    for (const name of names) {
      const span = startSpan({ name })
      span.end(START_MS)
      shipper.add(span)
    }
  }
  /** An event, its spans, and what comes after its answer. */
  const invoke = (names: string, leftMs = 60_000): Promise<void> | undefined => {
    shipper.arrived()
    add(names)
    return shipper.beforeNext(state.nowMs + leftMs, false)
  }
  return { shipper, state, warnings, add, invoke }
}

/** Lets everything happen that waits for nothing but its turn. */
const settle = (): Promise<void> => new Promise(setImmediate)

t.test('the first invocation is waited for', async t => {
  const reply = Promise.withResolvers<SendResult>()
  const collector = collect(reply.promise)
  const { invoke } = start([collector])
  const waited = invoke('ab')
  let isOver = false
  void waited?.then(() => {
    isOver = true
  })
  t.strictSame(collector.sent, ['ab'])
  await settle()
  t.equal(isOver, false)
  reply.resolve(ACCEPTED)
  await waited
})

t.test('without spans there is nothing to wait for', async t => {
  const collector = collect()
  const { shipper } = start([collector])
  shipper.arrived()
  t.equal(shipper.beforeNext(START_MS + 3000, false), undefined)
  t.strictSame(collector.sent, [])
})

t.test('a deadline that is not known is none', async t => {
  const collector = collect()
  const { shipper, add } = start([collector])
  add('a')
  await shipper.beforeNext(0, false)
  t.strictSame(collector.sent, ['a'])
})

t.test('with no time left the export is started and not waited for', async t => {
  const collector = collect(new Promise(() => {}))
  const { invoke } = start([collector])
  const waited = invoke('a', 50)
  t.equal(waited, undefined)
})

t.test(
  'a collector that hangs is waited for once, and then no more until it has answered',
  async t => {
    const replies = [1, 2].map(() => Promise.withResolvers<SendResult>())
    const collector = collect(...replies.map(reply => reply.promise))
    const { invoke, state } = start([collector], { mode: 'now' })
    // The wait ends by the deadline; how long it is otherwise is the policy's test.
    await invoke('a', 300)
    state.nowMs += 5000
    t.equal(invoke('b'), undefined, 'it is still under way')
    replies[0]?.resolve(RETRY)
    await settle()
    t.equal(invoke('c'), undefined, 'left alone')
    state.nowMs += 5000
    t.equal(invoke('d'), undefined, 'a probe, which nobody waits for')
    t.strictSame(collector.sent, ['a', 'abcd'])
    replies[1]?.resolve(ACCEPTED)
    await settle()
    state.nowMs += 5000
    const waited = invoke('e')
    t.ok(waited, 'and now it is trusted again')
    await waited
    t.equal(collector.sent.at(-1), 'e')
  },
)

t.test('what is under way when the next answer is there is not sent twice', async t => {
  const reply = Promise.withResolvers<SendResult>()
  const collector = collect(reply.promise)
  const { invoke } = start([collector], { mode: 'overlap' })
  t.equal(invoke('a'), undefined)
  t.equal(invoke('b'), undefined)
  reply.resolve(ACCEPTED)
  await settle()
  t.strictSame(collector.sent, ['a', 'b'])
})

t.test('spans that waited longer than they may leave when an event comes', async t => {
  const collector = collect()
  const { shipper, state, invoke } = start([collector], { mode: 'batch', maxDelayMs: 5000 })
  t.equal(invoke('a'), undefined)
  t.strictSame(collector.sent, [])
  state.nowMs += 4999
  shipper.arrived()
  await settle()
  t.strictSame(collector.sent, [])
  state.nowMs += 1
  shipper.arrived()
  t.strictSame(collector.sent, [], 'the handler goes first')
  await settle()
  t.strictSame(collector.sent, ['a'])
})

t.test(
  'and while an invocation takes long, by a timer that does not go on without need',
  async () => {
    const sent = Promise.withResolvers<void>()
    const { add, state } = start(
      [
        {
          async send() {
            sent.resolve()
            return ACCEPTED
          },
        },
      ],
      { mode: 'batch', maxDelayMs: 20 },
    )
    add('a')
    state.nowMs += 20
    // The timer keeps nothing alive; the test has to.
    const keepAlive = setInterval(() => {}, 1000)
    await sent.promise
    clearInterval(keepAlive)
  },
)

t.test('side by side nothing is waited for', async t => {
  const collector = collect()
  const { invoke } = start([collector], { mayFreeze: false })
  t.equal(invoke('a'), undefined)
})

t.test('after the last answer everything is sent, whatever the mode', async t => {
  const collector = collect()
  const { shipper, state, add } = start([collector], { mode: 'batch' })
  add('a')
  await shipper.beforeNext(state.nowMs + 3000, true)
  t.strictSame(collector.sent, ['a'])
})

t.test(
  'every collector gets every span, and one that is down does not hold up another',
  async t => {
    const [good, bad] = [collect(), collect(RETRY, RETRY)]
    const { invoke, state } = start([good, bad], { mode: 'now' })
    await invoke('a')
    await invoke('b')
    t.strictSame([good.sent, bad.sent], [['a', 'b'], ['a']])
    state.nowMs += 5000
    await invoke('c')
    state.nowMs += 5000
    await invoke('d')
    await settle()
    t.strictSame(good.sent, ['a', 'b', 'c', 'd'])
    t.strictSame(bad.sent, ['a', 'abc', 'abcd'])
  },
)

const dropped = (count: number) => [
  { key: 'baton.dropped_spans', value: { intValue: String(count) } },
]

t.test(
  'what found no room is told by the next span, once all is well, and in one line',
  async t => {
    const collector = collect(RETRY)
    const { invoke, state, warnings } = start([collector], { mode: 'now', maxQueueSize: 3 })
    await invoke('abcde')
    await invoke('f')
    state.nowMs += 5000
    await invoke('')
    t.equal(collector.sent.at(-1), 'abc')
    await invoke('gh')
    t.equal(collector.sent.at(-1), 'gh')
    t.match(collector.attributes.slice(-2), [dropped(3), undefined])
    t.match(warnings, [/could not be exported yet/, /3 spans were dropped/])
  },
)

t.test('what a collector refused is told as well', async t => {
  const collector = collect(REJECTED)
  const { invoke, state } = start([collector], { mode: 'now' })
  await invoke('ab')
  state.nowMs += 5000
  await invoke('c')
  await settle()
  state.nowMs += 5000
  await invoke('d')
  t.match(collector.attributes.at(-1), dropped(2))
})

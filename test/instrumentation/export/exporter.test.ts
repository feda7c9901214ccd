// What becomes of spans on their way to one collector. The collector is a transport of the test's own: what it answers is
// the subject here; how answers come over a socket is otlp-http.test.ts.
import t from 'tap'
import { Arrivals } from '../../../instrumentation/export/arrivals.ts'
import { Backlog } from '../../../instrumentation/export/backlog.ts'
import { Circuit } from '../../../instrumentation/export/circuit.ts'
import { Exporter } from '../../../instrumentation/export/exporter.ts'
import { encodeHead } from '../../../instrumentation/export/otlp-encoder.ts'
import { SpanBuffer } from '../../../instrumentation/export/span-buffer.ts'
import type { SendResult } from '../../../instrumentation/export/transport.ts'
import { encodedSpan, readSpans } from './decode.ts'

const ACCEPTED: SendResult = { status: 'accepted' }
const RETRY: SendResult = { status: 'retry', reason: 'collector is down' }
const REJECTED: SendResult = { status: 'rejected', reason: 'collector said 400' }
const START_MS = 1_700_000_000_000
const TIMEOUT_MS = 10_000
const MAX_BATCH = 3

/** An exporter with a clock moved by hand and a collector that gives the answers in turn, then accepts. */
function start(...answers: (SendResult | Promise<SendResult>)[]) {
  const sent: string[] = []
  const timeouts: number[] = []
  const warnings: string[] = []
  const state = { nowMs: START_MS, dropped: 0, progress: 0 }
  const nowMs = (): number => state.nowMs
  const onDrop = (count: number): void => {
    state.dropped += count
  }
  const circuit = new Circuit(() => 0)
  const arrivals = new Arrivals(5000)
  const backlog = new Backlog({
    buffer: new SpanBuffer(10),
    head: encodeHead({}, 'baton', '1'),
    hasJournal: false,
    readJournal: () => ({ spans: new Uint8Array(0), count: 0, lost: 0 }),
    onDrop,
    nowMs,
  })
  const exporter = new Exporter({
    backlog,
    circuit,
    arrivals,
    transport: {
      async send({ spans }, timeoutMs) {
        sent.push(
          readSpans(spans)
            .map(span => span.name)
            .join(''),
        )
        timeouts.push(timeoutMs)
        return answers.shift() ?? ACCEPTED
      },
    },
    timeoutMs: TIMEOUT_MS,
    maxBatchSpans: MAX_BATCH,
    onProgress: () => {
      state.progress++
    },
    onDrop,
    log: { warn: message => void warnings.push(message) },
    nowMs,
  })
  const add = (names: string): void => {
    for (const name of names) backlog.add(encodedSpan(name))
  }
  return { exporter, backlog, arrivals, sent, timeouts, warnings, state, add }
}

t.test('without spans nothing is sent', async t => {
  const { exporter, sent } = start()
  await exporter.start()
  t.strictSame([sent, exporter.isSending], [[], false])
})

t.test('what is accepted is forgotten, and that is told', async t => {
  const { exporter, backlog, sent, timeouts, warnings, state, add } = start()
  add('ab')
  await exporter.start()
  t.strictSame([sent, timeouts], [['ab'], [TIMEOUT_MS]])
  t.strictSame([backlog.spans, backlog.done, state.progress], [0, 2, 1])
  await exporter.start()
  t.strictSame([sent.length, warnings], [1, []])
})

t.test('more than one request may hold is sent in several, one after the other', async t => {
  const { exporter, backlog, sent, add } = start()
  add('abcdefg')
  await exporter.start()
  t.strictSame([sent, backlog.spans], [['abc', 'def', 'g'], 0])
})

t.test('after a failure the rest is not tried', async t => {
  const { exporter, backlog, sent, add } = start(ACCEPTED, RETRY)
  add('abcdefg')
  await exporter.start()
  t.strictSame([sent, backlog.spans], [['abc', 'def'], 4])
})

t.test('what ends while an export is under way follows it', async t => {
  for (const answer of [ACCEPTED, RETRY, REJECTED]) {
    const reply = Promise.withResolvers<SendResult>()
    const { exporter, sent, add } = start(reply.promise)
    add('a')
    const over = exporter.start()
    add('bc')
    t.equal(exporter.isSending, true)
    t.equal(exporter.start(), over, 'there is one export at a time')
    reply.resolve(answer)
    await over
    await exporter.start()
    const followUp = answer.status === 'retry' ? 'abc' : 'bc'
    t.strictSame(sent, ['a', followUp], answer.status)
  }
})

t.test('a failure is kept for a later attempt, with what came since', async t => {
  const { exporter, sent, state, add } = start(RETRY)
  add('a')
  await exporter.start()
  t.strictSame([exporter.isFailing, exporter.isLeftAlone], [true, true])
  add('b')
  state.nowMs += 1000
  t.strictSame([exporter.isFailing, exporter.isLeftAlone], [true, false])
  await exporter.start()
  t.strictSame([sent, exporter.isFailing, state.dropped], [['a', 'ab'], false, 0])
})

t.test('a collector that asks for time gets it', async t => {
  const { exporter, state, add } = start({ ...RETRY, afterMs: 5000 })
  add('a')
  await exporter.start()
  state.nowMs += 4999
  t.equal(exporter.isLeftAlone, true)
  state.nowMs += 1
  t.equal(exporter.isLeftAlone, false)
})

t.test(
  'what was refused is dropped and counted, and what comes later waits all the same',
  async t => {
    const { exporter, backlog, state, add } = start(REJECTED)
    add('ab')
    await exporter.start()
    t.strictSame([state.dropped, backlog.spans, backlog.done, state.progress], [2, 0, 2, 1])
    t.equal(exporter.isLeftAlone, true)
  },
)

t.test('what a collector refused of a batch that it took is counted', async t => {
  const { exporter, state, warnings, add } = start({
    status: 'accepted',
    refused: { count: 1, reason: 'too old' },
  })
  add('ab')
  await exporter.start()
  t.strictSame([state.dropped, exporter.isFailing], [1, false])
  t.match(warnings, [/1 spans were refused: too old/])
})

t.test('an answer that only may help is given up after as many attempts as it says', async t => {
  const shaky: SendResult = { ...RETRY, maxAttempts: 3 }
  const { exporter, backlog, state, sent, add } = start(shaky, shaky, shaky)
  add('a')
  await exporter.start()
  await exporter.start()
  t.strictSame([backlog.spans, state.dropped], [1, 0])
  await exporter.start()
  t.strictSame([backlog.spans, state.dropped, sent.length], [0, 1, 3])
})

t.test('attempts are counted for one batch, not for all together', async t => {
  const shaky: SendResult = { ...RETRY, maxAttempts: 2 }
  const { exporter, state, add } = start(shaky, ACCEPTED, shaky)
  add('a')
  await exporter.start()
  await exporter.start()
  add('b')
  await exporter.start()
  t.equal(state.dropped, 0)
})

t.test('what an export took is learned, and a failed one says nothing', async t => {
  const reply = Promise.withResolvers<SendResult>()
  const { exporter, arrivals, state, add } = start(RETRY, reply.promise)
  add('a')
  await exporter.start()
  t.equal(arrivals.exportMs, undefined)
  const over = exporter.start()
  state.nowMs += 40
  reply.resolve(ACCEPTED)
  await over
  t.equal(arrivals.exportMs, 40)
})

t.test('a collector that takes too long is failing until it has answered', async t => {
  const reply = Promise.withResolvers<SendResult>()
  const { exporter, backlog, add } = start(reply.promise)
  add('a')
  const over = exporter.start()
  exporter.loseFaith()
  t.strictSame([exporter.isFailing, exporter.isSending], [true, true])
  reply.resolve(ACCEPTED)
  await over
  t.strictSame([exporter.isFailing, backlog.spans], [false, 0])
})

for (const [failure, message] of [
  [
    RETRY,
    'baton: spans could not be exported yet: collector is down (said once; the function is not affected)',
  ],
  [
    REJECTED,
    'baton: 2 spans were refused: collector said 400 (said once; the function is not affected)',
  ],
] as const) {
  t.test(`${failure.status} is warned of once`, async t => {
    const { exporter, warnings, add } = start(failure, failure, ACCEPTED, failure)
    add('ab')
    for (let round = 0; round < 4; round++) {
      await exporter.start()
      add('ab')
    }
    t.strictSame(warnings, [message])
  })
}

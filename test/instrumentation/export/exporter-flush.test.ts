// The last export of a process. The collector is a transport of the test's own, as in exporter.test.ts.
import t from 'tap'
import { Arrivals } from '../../../instrumentation/export/arrivals.ts'
import { Backlog } from '../../../instrumentation/export/backlog.ts'
import { Circuit } from '../../../instrumentation/export/circuit.ts'
import { Exporter } from '../../../instrumentation/export/exporter.ts'
import { encodeHead } from '../../../instrumentation/export/otlp-encoder.ts'
import { SpanBuffer } from '../../../instrumentation/export/span-buffer.ts'
import type { SendResult } from '../../../instrumentation/export/transport.ts'
import { encodedSpan, readSpans } from './decode.ts'

const HEAD = encodeHead({}, 'baton', '1')
const ACCEPTED: SendResult = { status: 'accepted' }
const RETRY: SendResult = { status: 'retry', reason: 'collector is down' }
const REJECTED: SendResult = { status: 'rejected', reason: 'collector said 400' }

/** An exporter whose collector gives the answers in turn, then accepts; what was sent, by the spans' names. */
function start(...answers: (SendResult | Promise<SendResult>)[]) {
  const sent: string[] = []
  const budgets: number[] = []
  const warnings: string[] = []
  const ignore = (): void => {}
  const backlog = new Backlog({
    buffer: new SpanBuffer(10),
    head: HEAD,
    hasJournal: false,
    readJournal: () => ({ spans: new Uint8Array(0), count: 0, lost: 0 }),
    onDrop: ignore,
    nowMs: () => 0,
  })
  const exporter = new Exporter({
    backlog,
    circuit: new Circuit(() => 0),
    arrivals: new Arrivals(5000),
    transport: {
      async send({ spans }, timeoutMs) {
        sent.push(
          readSpans(spans)
            .map(span => span.name)
            .join(''),
        )
        budgets.push(timeoutMs)
        return answers.shift() ?? ACCEPTED
      },
    },
    timeoutMs: 10_000,
    maxBatchSpans: 2,
    onProgress: ignore,
    onDrop: ignore,
    log: { warn: message => void warnings.push(message) },
    nowMs: () => 0,
  })
  const add = (names: string): void => {
    for (const name of names) backlog.add(encodedSpan(name))
  }
  return { exporter, backlog, sent, budgets, warnings, add }
}

t.test('nothing is held: nothing is sent', async t => {
  const { exporter, sent } = start()
  await exporter.flush(400)
  t.equal(sent.length, 0)
})

t.test(
  'what earlier failures made it hold is sent now, at once, within the budget given',
  async t => {
    const { exporter, backlog, sent, budgets, add } = start(RETRY)
    add('a')
    await exporter.start()
    add('bcd')
    await exporter.flush(400)
    t.strictSame([sent, budgets[1]], [['a', 'abcd'], 400])
    t.equal(backlog.spans, 0)
    await exporter.flush(400)
    t.equal(sent.length, 2, 'and then it is gone')
  },
)

for (const answer of [ACCEPTED, REJECTED]) {
  t.test(`beside an export that ends ${answer.status} only the rest is sent, at once`, async t => {
    const { promise, resolve } = Promise.withResolvers<SendResult>()
    const { exporter, backlog, sent, add } = start(promise)
    add('a')
    void exporter.start()
    add('b')
    let isOver = false
    const flushed = exporter.flush(400).then(() => {
      isOver = true
    })
    t.strictSame(sent, ['a', 'b'])
    await new Promise(setImmediate)
    t.equal(isOver, false, 'the one under way is waited for')
    resolve(answer)
    await flushed
    t.equal(backlog.spans, 0)
    await exporter.flush(400)
    t.equal(sent.length, 2, 'nothing is sent twice')
  })
}

t.test(
  'an export under way that fails keeps what came after it as well: both are sent again',
  async t => {
    const { promise, resolve } = Promise.withResolvers<SendResult>()
    const { exporter, backlog, add } = start(promise)
    add('a')
    void exporter.start()
    add('b')
    const flushed = exporter.flush(400)
    resolve(RETRY)
    await flushed
    t.equal(backlog.spans, 2)
  },
)

t.test('what is under way in vain, as it seems, is sent once more', async t => {
  const { exporter, backlog, sent, add } = start(new Promise(() => {}))
  add('a')
  void exporter.start()
  exporter.loseFaith()
  add('b')
  await exporter.flush(400)
  t.strictSame([sent, backlog.spans], [['a', 'ab'], 0])
})

t.test('nothing but what is under way: no export of its own', async t => {
  const { promise, resolve } = Promise.withResolvers<SendResult>()
  const { exporter, sent, add } = start(promise)
  add('a')
  void exporter.start()
  const flushed = exporter.flush(400)
  resolve(ACCEPTED)
  await flushed
  t.strictSame(sent, ['a'])
})

t.test('what an earlier process left is sent beside, and each is forgotten when taken', async t => {
  const { exporter, backlog, sent, add } = start(ACCEPTED, RETRY, ACCEPTED)
  for (const name of ['a', 'b'])
    backlog.addRecovered({ head: HEAD, spans: encodedSpan(name), count: 1 })
  add('c')
  await exporter.flush(400)
  t.strictSame([sent, backlog.spans], [['a', 'b', 'c'], 1])
})

t.test('after a flush that did not end the process, exports go on', async t => {
  const { exporter, sent, add } = start()
  await exporter.flush(400)
  add('abc')
  await exporter.start()
  t.strictSame(sent, ['ab', 'c'])
})

t.test('what is not taken is counted and said, whatever was said before', async t => {
  for (const answer of [RETRY, REJECTED]) {
    const { exporter, warnings, add } = start(RETRY, answer)
    add('a')
    await exporter.start()
    add('b')
    await exporter.flush(400)
    t.equal(warnings.length, 2)
    t.match(warnings[1], /2 spans could not be exported at the end: collector/)
  }
})

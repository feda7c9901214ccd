// The last export of a process. The collector is a transport of the test's own, as in exporter.test.ts.
import t from 'tap'
import { Exporter } from '../../../instrumentation/export/exporter.ts'
import { encodeHead } from '../../../instrumentation/export/otlp-encoder.ts'
import { SpanBuffer } from '../../../instrumentation/export/span-buffer.ts'
import type { SendResult } from '../../../instrumentation/export/transport.ts'
import { readSpans, startSpan } from './decode.ts'

const ACCEPTED: SendResult = { status: 'accepted' }
const RETRY: SendResult = { status: 'retry', reason: 'collector is down' }
const REJECTED: SendResult = { status: 'rejected', reason: 'collector said 400' }

/** An exporter whose collector gives the answers in turn, then accepts; what was sent, by the spans' names. */
function start(...answers: (SendResult | Promise<SendResult>)[]) {
  const sent: string[][] = []
  const budgets: number[] = []
  const warnings: string[] = []
  const exporter = new Exporter({
    buffer: new SpanBuffer(10),
    head: encodeHead({}, 'baton', '1'),
    transport: {
      async send({ spans }, timeoutMs) {
        sent.push(readSpans(spans).map(span => String(span.name)))
        budgets.push(timeoutMs)
        return answers.shift() ?? ACCEPTED
      },
    },
    timeoutMs: 10_000,
    log: { warn: message => void warnings.push(message) },
    nowMs: () => 0,
  })
  return {
    exporter,
    sent,
    budgets,
    warnings,
    add(name: string) {
      const span = startSpan({ name })
      span.end(1_700_000_000_001)
      exporter.add(span)
    },
  }
}

t.test('nothing is held: nothing is sent', async t => {
  const { exporter, sent } = start()
  await exporter.flush(400)
  t.equal(sent.length, 0)
})

t.test('what earlier failures made it hold is sent now, within the budget given', async t => {
  const { exporter, sent, budgets, add } = start(RETRY)
  add('a')
  await exporter.ship(0)
  add('b')
  t.equal(exporter.ship(0), undefined, 'too soon')
  await exporter.flush(400)
  t.strictSame(sent, [['a'], ['a', 'b']])
  t.equal(budgets[1], 400)
  await exporter.flush(400)
  t.equal(sent.length, 2, 'and then it is gone')
})

for (const answer of [ACCEPTED, REJECTED]) {
  t.test(`beside an export that ends ${answer.status} only the rest is sent, at once`, async t => {
    const { promise, resolve } = Promise.withResolvers<SendResult>()
    const { exporter, sent, add } = start(promise)
    add('a')
    void exporter.ship(0)
    add('b')
    t.equal(exporter.ship(0), undefined, 'wanted when the first one is over')
    let isOver = false
    const flushed = exporter.flush(400).then(() => {
      isOver = true
    })
    t.strictSame(sent, [['a'], ['b']])
    await new Promise(setImmediate)
    t.equal(isOver, false, 'the one under way is waited for')
    resolve(answer)
    await flushed
    await exporter.flush(400)
    t.equal(sent.length, 2, 'nothing is sent twice')
  })
}

t.test('nothing but what is under way: no export of its own', async t => {
  const { promise, resolve } = Promise.withResolvers<SendResult>()
  const { exporter, sent, add } = start(promise)
  add('a')
  void exporter.ship(0)
  const flushed = exporter.flush(400)
  resolve(ACCEPTED)
  await flushed
  t.strictSame(sent, [['a']])
})

t.test('what is not taken is counted and said, whatever was said before', async t => {
  for (const answer of [RETRY, REJECTED]) {
    const { exporter, warnings, add } = start(RETRY, answer)
    add('a')
    await exporter.ship(0)
    add('b')
    await exporter.flush(400)
    t.equal(warnings.length, 2)
    t.match(warnings[1], /2 spans could not be exported at the end: collector/)
  }
})

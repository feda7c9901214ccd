// When spans are shipped, for how long, and what becomes of them. The collector is a transport of the test's own: what
// it answers is the subject here; how answers come over a socket is otlp-http.test.ts.
import t from 'tap'
import { Exporter } from '../../../instrumentation/export/exporter.ts'
import { encodeHead } from '../../../instrumentation/export/otlp-encoder.ts'
import { SpanBuffer } from '../../../instrumentation/export/span-buffer.ts'
import type { SendResult } from '../../../instrumentation/export/transport.ts'
import { endedSpan, readSpans } from './decode.ts'

const ACCEPTED: SendResult = { status: 'accepted' }
const RETRY: SendResult = { status: 'retry', reason: 'collector is down' }
const REJECTED: SendResult = { status: 'rejected', reason: 'collector said 400' }
const START_MS = 1_700_000_000_000
const TIMEOUT_MS = 10_000
const MAX_SPANS = 10

interface Sent {
  readonly spans: number
  readonly timeoutMs: number
}

/** An exporter with a clock moved by hand and a collector that gives the answers in turn, then accepts. */
function start(...answers: (SendResult | Promise<SendResult>)[]) {
  const sent: Sent[] = []
  const warnings: string[] = []
  const clock = { nowMs: START_MS }
  const exporter = new Exporter({
    buffer: new SpanBuffer(MAX_SPANS),
    head: encodeHead({}, 'baton', '1'),
    transport: {
      async send({ spans }, timeoutMs) {
        sent.push({ spans: readSpans(spans).length, timeoutMs })
        return answers.shift() ?? ACCEPTED
      },
    },
    timeoutMs: TIMEOUT_MS,
    log: { warn: message => void warnings.push(message) },
    nowMs: () => clock.nowMs,
  })
  /** Ships with plenty of time; whether anything was sent. */
  const ship = async (): Promise<boolean> => {
    const before = sent.length
    await exporter.ship(clock.nowMs + 60_000)
    return sent.length > before
  }
  return { exporter, sent, warnings, clock, ship }
}

t.test('without spans there is nothing to wait for', async t => {
  const { exporter, sent } = start()
  t.equal(exporter.ship(START_MS + 60_000), undefined)
  t.equal(sent.length, 0)
})

t.test('what is accepted is forgotten', async t => {
  const { exporter, sent, warnings, ship } = start()
  exporter.add(endedSpan())
  exporter.add(endedSpan())
  t.equal(await ship(), true)
  t.match(sent, [{ spans: 2 }])
  t.equal(exporter.ship(START_MS + 60_000), undefined)
  t.strictSame(warnings, [])
})

for (const [leftMs, budgetMs] of [
  [60_000, TIMEOUT_MS],
  [TIMEOUT_MS + 101, TIMEOUT_MS],
  [TIMEOUT_MS + 100, TIMEOUT_MS],
  [TIMEOUT_MS + 99, TIMEOUT_MS - 1],
  [3000, 2900],
  [101, 1],
] as const) {
  t.test(`with ${leftMs} ms left of the invocation an export has ${budgetMs} ms`, async t => {
    const { exporter, sent } = start()
    exporter.add(endedSpan())
    await exporter.ship(START_MS + leftMs)
    t.strictSame(sent, [{ spans: 1, timeoutMs: budgetMs }])
  })
}

for (const leftMs of [100, 1, 0, -5000]) {
  t.test(`with ${leftMs} ms left nothing is sent, and nothing is lost`, async t => {
    const { exporter, sent, ship } = start()
    exporter.add(endedSpan())
    t.equal(exporter.ship(START_MS + leftMs), undefined)
    t.equal(sent.length, 0)
    await ship()
    t.match(sent, [{ spans: 1 }])
  })
}

t.test('a deadline that is not known does not hold spans for ever', async t => {
  const { exporter, sent } = start()
  exporter.add(endedSpan())
  await exporter.ship(0)
  t.match(sent, [{ spans: 1 }])
})

t.test('what could not be sent yet is kept, and sent again with what came since', async t => {
  const { exporter, sent, clock, ship } = start(RETRY)
  exporter.add(endedSpan())
  await ship()
  exporter.add(endedSpan())
  clock.nowMs += 1000
  await ship()
  t.match(sent, [{ spans: 1 }, { spans: 2 }])
  t.equal(exporter.ship(clock.nowMs + 60_000), undefined)
})

t.test('what was refused is forgotten, and what comes later waits all the same', async t => {
  const { exporter, sent, clock, ship } = start(REJECTED)
  exporter.add(endedSpan())
  await ship()
  exporter.add(endedSpan())
  t.equal(await ship(), false)
  clock.nowMs += 1000
  await ship()
  t.match(sent, [{ spans: 1 }, { spans: 1 }])
})

t.test('spans that end while an export is under way are not forgotten with it', async t => {
  for (const answer of [ACCEPTED, REJECTED]) {
    const reply = Promise.withResolvers<SendResult>()
    const { exporter, sent, clock, ship } = start(reply.promise)
    exporter.add(endedSpan())
    const shipping = ship()
    exporter.add(endedSpan())
    exporter.add(endedSpan())
    reply.resolve(answer)
    await shipping
    clock.nowMs += 1000
    await ship()
    t.match(sent, [{ spans: 1 }, { spans: 2 }], answer.status)
  }
})

for (const failure of [RETRY, REJECTED]) {
  t.test(`after ${failure.status} the wait doubles from 1 s up to 60 s`, async t => {
    const { exporter, clock, ship } = start(...Array<SendResult>(9).fill(failure))
    const waits: number[] = []
    for (const expectedMs of [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]) {
      exporter.add(endedSpan())
      t.equal(await ship(), true)
      exporter.add(endedSpan())
      clock.nowMs += expectedMs - 1
      if (await ship()) waits.push(expectedMs - 1)
      clock.nowMs += 1
    }
    t.strictSame(waits, [], 'nothing was sent a millisecond too early')
    t.equal(await ship(), true)
  })
}

t.test('one accepted export makes the wait short again', async t => {
  const { exporter, clock, ship } = start(RETRY, RETRY, RETRY, ACCEPTED, RETRY)
  exporter.add(endedSpan())
  for (const waitMs of [1000, 2000, 4000]) {
    await ship()
    clock.nowMs += waitMs
  }
  t.equal(await ship(), true, 'accepted')
  exporter.add(endedSpan())
  t.equal(await ship(), true, 'at once, and refused')
  clock.nowMs += 999
  t.equal(await ship(), false)
  clock.nowMs += 1
  t.equal(await ship(), true)
})

t.test('the wait counts from the end of the export, which may have taken long', async t => {
  const reply = Promise.withResolvers<SendResult>()
  const { exporter, clock, ship } = start(reply.promise)
  exporter.add(endedSpan())
  const shipping = ship()
  clock.nowMs += 5000
  reply.resolve(RETRY)
  await shipping
  clock.nowMs += 999
  t.equal(await ship(), false)
  clock.nowMs += 1
  t.equal(await ship(), true)
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
    const { exporter, warnings, clock, ship } = start(failure, failure, ACCEPTED, failure)
    for (let round = 0; round < 4; round++) {
      exporter.add(endedSpan())
      exporter.add(endedSpan())
      t.equal(await ship(), true)
      clock.nowMs += 60_000
    }
    t.strictSame(warnings, [message])
  })
}

t.test('a collector that stays down costs no more memory than the buffer has', async t => {
  const { exporter, sent, clock, ship } = start(...Array<SendResult>(50).fill(RETRY))
  for (let round = 0; round < 50; round++) {
    exporter.add(endedSpan())
    await ship()
    clock.nowMs += 60_000
  }
  t.equal(sent.at(-1)?.spans, MAX_SPANS)
})

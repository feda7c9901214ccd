import t from 'tap'
import { Arrivals } from '../../../instrumentation/export/arrivals.ts'
import { startRandom } from '../../helpers/random.ts'

const LONG_MS = 5000
const HANDLER_MS = 10

/** A process that has asked for its first event, and a clock. */
function start() {
  const arrivals = new Arrivals(LONG_MS)
  let nowMs = 100
  arrivals.asked(nowMs)
  return {
    arrivals,
    nowMs: () => nowMs,
    /** An event after so long, its handler, and the next one asked for. */
    event(gapMs: number): void {
      nowMs += gapMs
      arrivals.arrived(nowMs)
      nowMs += HANDLER_MS
      arrivals.asked(nowMs)
    },
  }
}

t.test('nothing is known before an event came, and a break is expected', async t => {
  const { arrivals } = start()
  t.strictSame(
    [arrivals.gapMs, arrivals.exportMs, arrivals.longGapShare],
    [undefined, undefined, 1],
  )
  t.equal(arrivals.runMs(1e6), 0)
})

t.test('the wait for the first event is no gap: it ends the init', async t => {
  const { arrivals, event } = start()
  event(LONG_MS * 10)
  t.equal(arrivals.gapMs, undefined)
  t.equal(arrivals.longGapShare, 1)
})

t.test('the expected gap follows the gaps, breaks left out', async t => {
  const { arrivals, event } = start()
  event(0)
  event(100)
  t.equal(arrivals.gapMs, 100)
  event(180)
  t.equal(arrivals.gapMs, 110)
  event(LONG_MS + 1)
  t.equal(arrivals.gapMs, 110)
})

t.test(
  'a gap of the longest delay is none, a longer one is a break, and begins a new run',
  async t => {
    const { arrivals, event, nowMs } = start()
    event(0)
    event(LONG_MS)
    t.equal(arrivals.runMs(nowMs()), HANDLER_MS + LONG_MS + HANDLER_MS)
    event(LONG_MS + 1)
    t.equal(arrivals.runMs(nowMs()), HANDLER_MS)
  },
)

t.test('what comes once a minute is expected to go on so', async t => {
  const { arrivals, event } = start()
  for (let count = 0; count < 200; count++) event(60_000)
  t.equal(arrivals.longGapShare, 1)
})

t.test(
  'steady traffic lowers the share of breaks, one break after it hardly raises it',
  async t => {
    const { arrivals, event } = start()
    event(0)
    event(100)
    t.equal(arrivals.longGapShare, 0.1)
    for (let count = 0; count < 1000; count++) event(100)
    t.ok(arrivals.longGapShare < 1e-6)
    event(60_000)
    t.equal(
      arrivals.longGapShare,
      0.5,
      'after a break the place of a first event counts, seen once',
    )
    for (let count = 0; count < 3; count++) event(100)
    t.equal(arrivals.longGapShare.toFixed(6), (1 / 64).toFixed(6))
  },
)

t.test('bursts of one to four are known by their end', async t => {
  for (const size of [1, 2, 3, 4]) {
    const { arrivals, event } = start()
    const shares: number[] = []
    for (let burst = 0; burst < 100; burst++) {
      shares.length = 0
      for (let place = 0; place < size; place++) {
        event(place === 0 ? 60_000 : 100)
        shares.push(arrivals.longGapShare)
      }
    }
    t.strictSame(shares.map(Math.round), [...Array(size - 1).fill(0), 1], `${size}`)
  }
})

t.test('when traffic becomes rare, breaks are expected after a few of them', async t => {
  const { arrivals, event } = start()
  for (let count = 0; count < 1000; count++) {
    event(100)
    if (count % 10 === 0) event(60_000)
  }
  t.ok(arrivals.longGapShare < 0.5)
  let breaks = 0
  for (; arrivals.longGapShare < 0.1 && breaks < 20; breaks++) event(60_000)
  t.ok(breaks <= 8, `${breaks} breaks`)
})

t.test('the round trip is an average of those that no wait interrupted', async t => {
  const { arrivals, event, nowMs } = start()
  event(0)
  const startedMs = nowMs() + 1
  arrivals.exported(startedMs, startedMs + 20)
  t.equal(arrivals.exportMs, 20)
  arrivals.exported(startedMs, startedMs + 40)
  t.equal(arrivals.exportMs, 25)
  event(100)
  arrivals.exported(startedMs, nowMs())
  t.equal(arrivals.exportMs, 25)
})

t.test('an export that began when the next event was asked for was interrupted', async t => {
  const arrivals = new Arrivals(LONG_MS)
  arrivals.asked(100)
  arrivals.exported(100, 125)
  t.equal(arrivals.exportMs, undefined)
  arrivals.exported(100.001, 125.001)
  t.equal(arrivals.exportMs, 25)
})

t.test('a process that has not asked for anything measures its exports', async t => {
  const arrivals = new Arrivals(LONG_MS)
  arrivals.exported(0, 7)
  t.equal(arrivals.exportMs, 7)
})

t.test('a round trip is forgotten after 32 that were interrupted', async t => {
  const { arrivals, nowMs } = start()
  arrivals.exported(nowMs() + 1, nowMs() + 21)
  const interrupt = (times: number) => {
    for (let count = 0; count < times; count++) arrivals.exported(0, nowMs())
  }
  interrupt(31)
  t.equal(arrivals.exportMs, 20)
  arrivals.exported(nowMs() + 1, nowMs() + 21)
  interrupt(31)
  t.equal(arrivals.exportMs, 20, 'one that was measured counts anew')
  interrupt(1)
  t.equal(arrivals.exportMs, undefined)
})

const random = startRandom()
t.test(`whatever comes, the figures stay sane (BATON_FUZZ_SEED=${random.seed})`, async t => {
  const insane: string[] = []
  for (let round = 0; round < 100; round++) {
    const { arrivals, event, nowMs } = start()
    event(0)
    for (let count = 0; count < 200; count++) {
      event(random.pick([0, 1e-3, 100, LONG_MS, LONG_MS + 1, 1e9]) * random.next())
      arrivals.exported(nowMs() + random.below(2), nowMs() + random.next() * 1e4)
      const { gapMs = 0, exportMs = 0, longGapShare } = arrivals
      const isSane =
        longGapShare >= 0 &&
        longGapShare <= 1 &&
        gapMs >= 0 &&
        gapMs <= LONG_MS &&
        exportMs >= 0 &&
        exportMs <= 1e4 &&
        arrivals.runMs(nowMs()) >= HANDLER_MS
      if (!isSane) insane.push(JSON.stringify({ gapMs, exportMs, longGapShare, nowMs: nowMs() }))
    }
  }
  t.strictSame(insane.slice(0, 3), [])
})

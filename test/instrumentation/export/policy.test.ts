import t from 'tap'
import {
  DEFAULT_MAX_DELAY_MS,
  decideShipping,
  RESERVE_MS,
  SHIP_MODES,
  type ShipFacts,
  type ShipMode,
  type ShipOptions,
  shipByMs,
  waitLimitMs,
} from '../../../instrumentation/export/policy.ts'
import { startRandom } from '../../helpers/random.ts'

const NOW_MS = 1_000_000

/** A busy environment, at ease: events each 100 ms for an hour, some spans held since just now. */
function factsWith(changed: Partial<ShipFacts>): ShipFacts {
  return {
    nowMs: NOW_MS,
    oldestMs: NOW_MS,
    heldSpans: 8,
    heldShare: 0.01,
    gapMs: 0,
    longGapShare: 0,
    runMs: 3_600_000,
    exportMs: 25,
    leftMs: 3000,
    isFailing: false,
    mayFreeze: true,
    ...changed,
  }
}

function optionsOf(mode: ShipMode, maxDelayMs = DEFAULT_MAX_DELAY_MS): ShipOptions {
  return { mode, maxDelayMs, maxBatchSpans: 512 }
}

const decide = (mode: ShipMode, changed: Partial<ShipFacts>) =>
  decideShipping(factsWith(changed), optionsOf(mode))

t.test('what is not held is not shipped, in any mode', async t => {
  for (const mode of SHIP_MODES)
    t.equal(decide(mode, { oldestMs: undefined, heldSpans: 0, longGapShare: 1 }), 'hold', mode)
})

t.test('each mode does in a busy environment what its name says', async t => {
  const decisions = SHIP_MODES.map(mode => [mode, decide(mode, {})])
  t.strictSame(decisions, [
    ['auto', 'hold'],
    ['now', 'now'],
    ['overlap', 'overlap'],
    ['batch', 'hold'],
  ])
})

t.test('a process that knows nothing ships its first spans at once', async t => {
  const first = { gapMs: undefined, longGapShare: 1, runMs: 0, exportMs: undefined }
  t.equal(decide('auto', first), 'now')
  t.equal(decide('batch', first), 'hold')
})

t.test('nothing is awaited unless the reserve is left after the expected round trip', async t => {
  for (const mode of ['now', 'auto'] as const) {
    const lonely = { longGapShare: 1 }
    t.equal(decide(mode, { ...lonely, leftMs: RESERVE_MS + 26 }), 'now')
    t.not(decide(mode, { ...lonely, leftMs: RESERVE_MS + 25 }), 'now')
    t.equal(decide(mode, { ...lonely, exportMs: undefined, leftMs: RESERVE_MS + 1 }), 'now')
    t.not(decide(mode, { ...lonely, exportMs: undefined, leftMs: RESERVE_MS }), 'now')
    t.equal(decide(mode, { ...lonely, leftMs: Number.POSITIVE_INFINITY }), 'now')
  }
})

t.test('spans that cannot be awaited at a break are started all the same', async t => {
  const atBreak = { longGapShare: 1, runMs: 0 }
  t.equal(decide('auto', { ...atBreak, leftMs: 0 }), 'overlap')
  t.equal(decide('now', { ...atBreak, leftMs: 0 }), 'overlap')
  t.equal(decide('auto', { ...atBreak, isFailing: true }), 'overlap')
  t.equal(decide('now', { ...atBreak, isFailing: true }), 'overlap')
  t.equal(decide('now', { ...atBreak, mayFreeze: false }), 'overlap')
})

t.test('a wait in vain is weighed against a late invocation, worth 250 ms', async t => {
  t.equal(decide('auto', { exportMs: 250, longGapShare: 0.5 }), 'now')
  t.equal(decide('auto', { exportMs: 250.1, longGapShare: 0.5 }), 'hold')
  t.equal(decide('auto', { exportMs: 25, longGapShare: 0.091 }), 'now')
  t.equal(decide('auto', { exportMs: 25, longGapShare: 0.09 }), 'hold')
  t.equal(decide('auto', { exportMs: undefined, longGapShare: 0.286 }), 'now', 'taken for 100 ms')
  t.equal(decide('auto', { exportMs: undefined, longGapShare: 0.285 }), 'hold')
})

t.test('a buffer that is half full is waited for, whatever the traffic', async t => {
  t.equal(decide('auto', { heldShare: 0.5 }), 'now')
  t.equal(decide('auto', { heldShare: 0.499 }), 'hold')
  t.equal(decide('auto', { heldShare: 1, isFailing: true }), 'hold')
})

t.test('a full batch leaves', async t => {
  for (const mode of ['auto', 'batch'] as const) {
    t.equal(decide(mode, { heldSpans: 511 }), 'hold', mode)
    t.equal(decide(mode, { heldSpans: 512 }), 'overlap', mode)
  }
})

t.test('auto holds for a hundredth of the run, and for a fifth of the longest delay', async t => {
  const after = (runMs: number, ageMs: number, gapMs = 0) =>
    decide('auto', { runMs, oldestMs: NOW_MS - ageMs, gapMs })
  t.equal(after(0, 0), 'overlap', 'a run that has just begun')
  t.equal(after(10_000, 99), 'hold')
  t.equal(after(10_000, 100), 'overlap')
  t.equal(after(3_600_000, 999), 'hold')
  t.equal(after(3_600_000, 1000), 'overlap')
  t.equal(after(3_600_000, 899, 100), 'hold', 'the wait for the next event counts')
  t.equal(after(3_600_000, 900, 100), 'overlap')
})

t.test('batch holds for the longest delay', async t => {
  const after = (ageMs: number, gapMs?: number) =>
    decide('batch', { oldestMs: NOW_MS - ageMs, gapMs, runMs: 0, longGapShare: 1 })
  t.equal(after(DEFAULT_MAX_DELAY_MS - 1), 'hold')
  t.equal(after(DEFAULT_MAX_DELAY_MS), 'overlap')
  t.equal(after(DEFAULT_MAX_DELAY_MS - 200, 199), 'hold')
  t.equal(after(DEFAULT_MAX_DELAY_MS - 200, 200), 'overlap')
})

t.test('where nothing freezes, auto batches from the start', async t => {
  const managed = { mayFreeze: false, gapMs: undefined, longGapShare: 1, runMs: 0 }
  t.equal(decide('auto', { ...managed, oldestMs: NOW_MS - 999 }), 'hold')
  t.equal(decide('auto', { ...managed, oldestMs: NOW_MS - 1000 }), 'overlap')
})

t.test('a wait ends before the deadline; in auto it lasts at most a second', async t => {
  const limit = (mode: ShipMode, leftMs: number) =>
    waitLimitMs(factsWith({ leftMs }), optionsOf(mode))
  t.equal(limit('auto', 1099), 999)
  t.equal(limit('auto', 1100), 1000)
  t.equal(limit('auto', 1101), 1000)
  t.equal(limit('now', 9000), 8900)
})

t.test('spans that are held at all are due when the mode has it', async t => {
  const dueAfterMs = (mode: ShipMode) => shipByMs(NOW_MS, optionsOf(mode)) - NOW_MS
  t.strictSame(
    SHIP_MODES.map(mode => [mode, dueAfterMs(mode)]),
    [
      ['auto', 1000],
      ['now', 0],
      ['overlap', 0],
      ['batch', 5000],
    ],
  )
})

type Law = (facts: ShipFacts, options: ShipOptions, decision: string) => boolean
const LAWS: Readonly<Record<string, Law>> = {
  'what is not held is not shipped': ({ oldestMs }, _, decision) =>
    oldestMs !== undefined || decision === 'hold',
  'nothing is awaited within the reserve': ({ leftMs }, _, decision) =>
    decision !== 'now' || leftMs > RESERVE_MS,
  'a wait has time': (facts, options, decision) =>
    decision !== 'now' || waitLimitMs(facts, options) > 0,
  'a probe is not awaited': ({ isFailing }, _, decision) => decision !== 'now' || !isFailing,
  'where nothing freezes nothing is awaited': ({ mayFreeze }, _, decision) =>
    decision !== 'now' || mayFreeze,
  'overlap and batch never wait': (_, { mode }, decision) =>
    decision !== 'now' || mode === 'auto' || mode === 'now',
  'nothing is held that would be too old when the next event comes': (facts, options, decision) =>
    decision !== 'hold' ||
    facts.oldestMs === undefined ||
    facts.nowMs + (facts.gapMs ?? 0) - facts.oldestMs < options.maxDelayMs,
  'a full batch is not held': ({ oldestMs, heldSpans }, { maxBatchSpans }, decision) =>
    decision !== 'hold' || oldestMs === undefined || heldSpans < maxBatchSpans,
  'the same facts have the same answer': (facts, options, decision) =>
    decideShipping({ ...facts }, { ...options }) === decision,
}

const random = startRandom()
t.test(`laws for all facts (BATON_FUZZ_SEED=${random.seed})`, async t => {
  const maybe = <T>(value: T): T | undefined => (random.below(5) === 0 ? undefined : value)
  const seen = new Set<string>()
  const broken: string[] = []
  for (let round = 0; round < 20_000; round++) {
    const options = optionsOf(random.pick(SHIP_MODES), random.pick([1, 100, 5000, 60_000]))
    const facts = factsWith({
      oldestMs: maybe(NOW_MS - random.next() * 2 * options.maxDelayMs),
      heldSpans: 1 + random.below(1000),
      heldShare: random.next(),
      gapMs: maybe(random.next() * 1000),
      longGapShare: random.next() ** 4,
      runMs: random.next() * 1e6,
      exportMs: maybe(random.next() * 2000),
      leftMs: random.pick([-5, 0, RESERVE_MS, RESERVE_MS + 1, 1000, Number.POSITIVE_INFINITY]),
      isFailing: random.below(2) === 0,
      mayFreeze: random.below(4) > 0,
    })
    const decision = decideShipping(facts, options)
    seen.add(`${options.mode} ${decision}`)
    for (const [law, isKept] of Object.entries(LAWS))
      if (!isKept(facts, options, decision))
        broken.push(`${law}: ${JSON.stringify({ facts, options, decision })}`)
  }
  t.strictSame(broken.slice(0, 3), [])
  const possible = ['auto hold', 'auto now', 'auto overlap', 'batch hold', 'batch overlap']
  t.strictSame([...seen].sort(), [
    ...possible,
    'now hold',
    'now now',
    'now overlap',
    'overlap hold',
    'overlap overlap',
  ])
})

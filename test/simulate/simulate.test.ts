// The simulated sandbox against times reckoned by hand, what docs/shipping.md claims, and its tables against a fresh run.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { SHIP_MODES, type ShipMode } from '../../instrumentation/export/policy.ts'
import { startRandom } from '../helpers/random.ts'
import { drawLoad, type Load, simulate } from './fleet.ts'
import { PATTERNS } from './patterns.ts'
import { drawPlot } from './plot.ts'
import { CONTENDERS, EXPORTS_MS, judge, worldOf } from './policies.ts'
import { drawAll, duration, renderDocuments, SEED, withTables } from './report.ts'
import { type Ledger, type Policy, Sandbox, type World } from './sandbox.ts'

const DOCS = join(dirname(dirname(import.meta.dirname)), 'docs')
/** Processor time of an export, then the collector's. */
const WORLD: World = { ...worldOf(25), sendCpuMs: 2, answerCpuMs: 1 }

function open(policy: Policy, world: World = WORLD) {
  const ledger: Ledger = {
    invocations: 0,
    billedAddedMs: 0,
    requests: 0,
    lost: 0,
    unconfirmed: 0,
    delaysMs: [],
  }
  return { ledger, sandbox: new Sandbox(world, policy, ledger) }
}

const forced = (mode: ShipMode): Policy => ({ mode, maxDelayMs: 5000, maxBatchSpans: 512 })

t.test('now: the whole round trip is billed, and the spans are there when it ends', async t => {
  const { ledger, sandbox } = open(forced('now'))
  sandbox.serve(1000, 10)
  t.equal(sandbox.askedMs, 1000 + 10 + 2 + 25 + 1)
  t.match(ledger, { billedAddedMs: 28, requests: 1, delaysMs: [27], lost: 0 })
})

t.test(
  'overlap: what a freeze keeps leaves at the thaw, and only processor time is billed',
  async t => {
    const { ledger, sandbox } = open(forced('overlap'))
    sandbox.serve(1000, 10)
    t.equal(sandbox.askedMs, 1012)
    t.strictSame(ledger.delaysMs, [])
    sandbox.serve(2000, 30)
    t.strictSame(ledger.delaysMs, [2000 + 25 - 1010])
    t.equal(ledger.billedAddedMs, 2 + (1 + 2), 'the answer to the first, the start of the second')
  },
)

t.test('overlap: an answer that comes while the sandbox is frozen is read after it', async t => {
  const { ledger, sandbox } = open(forced('overlap'))
  sandbox.serve(1000, 10)
  sandbox.serve(2000, 10)
  t.strictSame(ledger.delaysMs, [], 'sent at 2000, asked for the next event at 2010')
  sandbox.serve(3000, 10)
  t.strictSame(ledger.delaysMs, [2000 + 25 - 1010])
})

t.test('batch: what has waited for the longest delay leaves when an event comes', async t => {
  const { ledger, sandbox } = open(forced('batch'))
  sandbox.serve(1000, 10)
  t.equal(sandbox.askedMs, 1010)
  sandbox.serve(9000, 100)
  t.strictSame(ledger.delaysMs, [9000 + 2 + 25 - 1010])
})

t.test('batch: it leaves within a long invocation too', async t => {
  const { ledger, sandbox } = open(forced('batch'))
  sandbox.serve(1000, 10)
  sandbox.serve(2000, 20_000)
  t.strictSame(ledger.delaysMs, [5000 + 2 + 25])
})

t.test('shutdown ships what is held; an answer after the window is not heard', async t => {
  for (const [exportMs, unconfirmed] of [
    [398, 0],
    [399, 1],
  ] as const) {
    const { ledger, sandbox } = open('never', { ...WORLD, exportMs })
    sandbox.serve(1000, 10)
    sandbox.shutDown(600_000)
    t.match(ledger, { unconfirmed, lost: 0, delaysMs: [600_000 + 2 + exportMs - 1010] })
  }
})

t.test('a host that dies takes what had not left', async t => {
  const held = open(forced('batch'))
  held.sandbox.serve(1000, 10)
  held.sandbox.kill()
  t.match(held.ledger, { lost: 1, delaysMs: [] })
  const sent = open(forced('overlap'))
  sent.sandbox.serve(1000, 10)
  sent.sandbox.serve(2000, 10)
  sent.sandbox.kill()
  t.match(sent.ledger, { lost: 1, delaysMs: [1015] }, 'the first had left, the second waits for it')
})

t.test('a full buffer drops what comes', async t => {
  const { ledger, sandbox } = open('never', { ...WORLD, maxSpans: 2 * WORLD.spansPerInvocation })
  for (const atMs of [0, 1000, 2000]) sandbox.serve(atMs, 10)
  t.equal(ledger.lost, 1)
})

t.test('a wait that is too long goes on under the next invocation', async t => {
  const { ledger, sandbox } = open(
    { mode: 'auto', maxDelayMs: 5000, maxBatchSpans: 512 },
    { ...WORLD, exportMs: 3000 },
  )
  sandbox.serve(1000, 10)
  t.equal(sandbox.askedMs, 1010 + 1000)
  sandbox.serve(10_000, 10)
  t.strictSame(ledger.delaysMs, [2 + 3000])
})

t.test('a sandbox that is never frozen makes no span wait longer than its mode allows', async t => {
  const random = startRandom()
  t.comment(`BATON_FUZZ_SEED=${random.seed}`)
  const longest: Readonly<Record<ShipMode, number>> = {
    auto: 1000,
    now: 0,
    overlap: 0,
    batch: 5000,
  }
  for (const mode of SHIP_MODES) {
    const { ledger, sandbox } = open(forced(mode))
    sandbox.askedMs = 1000
    for (let count = 0; count < 2000; count++)
      sandbox.serve(sandbox.askedMs, random.pick([1, 30, 300, 20_000]) * random.next())
    // One export may be under way already, and the answer to one is worked on before the next.
    const exportsMs = 2 * (WORLD.sendCpuMs + WORLD.exportMs + WORLD.answerCpuMs)
    const slowestMs = Math.max(...ledger.delaysMs)
    t.ok(slowestMs <= longest[mode] + exportsMs, `${mode}: ${slowestMs} ms`)
    t.ok(ledger.delaysMs.length > 1900)
  }
})

t.test('no invocation goes missing, under any policy', async t => {
  const random = startRandom()
  t.comment(`BATON_FUZZ_SEED=${random.seed}`)
  const wrong: string[] = []
  for (const pattern of PATTERNS) {
    const whole = drawLoad(pattern, random)
    const load: Load = { ...whole, arrivals: whole.arrivals.slice(0, 2000) }
    for (const { name, policy } of CONTENDERS)
      for (const exportMs of EXPORTS_MS) {
        const ledger = simulate(load, policy, worldOf(exportMs), random)
        const all = ledger.delaysMs.length + ledger.lost
        const isWhole = all === load.arrivals.length && ledger.invocations === all
        if (!isWhole || ledger.delaysMs.some(delayMs => delayMs < exportMs))
          wrong.push(`${pattern.name}, ${name}, ${exportMs} ms: ${all} of ${load.arrivals.length}`)
      }
  }
  t.strictSame(wrong, [])
})

t.test('auto keeps its promises, whatever the seed', async t => {
  const { seed } = startRandom()
  t.comment(`BATON_FUZZ_SEED=${seed}`)
  const drawn = new Map(drawAll(seed).map(({ name, load }) => [name, load]))
  const auto = (name: string, exportMs: number) =>
    judge(drawn.get(name) ?? { arrivals: [], handlersMs: [] }, forced('auto'), exportMs, seed)
  const now = judge(drawn.get('10 a second') as Load, forced('now'), 25, seed)
  const [busy, even] = [auto('10 a second', 25), auto('10 a second, evenly', 25)]
  t.ok(busy.billedAddedMs <= 0.1 * now.billedAddedMs, `${busy.billedAddedMs} ms`)
  t.ok(even.billedAddedMs <= 0.02 * now.billedAddedMs, `${even.billedAddedMs} ms`)
  for (const exportMs of EXPORTS_MS)
    for (const name of ['a lonely call', 'each minute'])
      t.ok(auto(name, exportMs).p99Ms < exportMs + 1, `${name}, ${exportMs} ms`)
})

t.test('docs/shipping.md has the tables and the plot of a fresh run', async t => {
  const drawn = drawAll(SEED)
  const text = readFileSync(join(DOCS, 'shipping.md'), 'utf8')
  t.equal(withTables(text, renderDocuments(drawn)), text)
  t.equal(drawPlot(drawn), readFileSync(join(DOCS, 'shipping.svg'), 'utf8'))
  t.ok(text.trimEnd().split('\n').length <= 150)
})

t.test('a document without the place for a table is refused', async t => {
  t.throws(() => withTables('', new Map([['lost', '|']])), /<!-- lost -->/)
})

t.test('durations are said in the unit that people use', async t => {
  const cases: readonly [number, string][] = [
    [999, '999 ms'],
    [1000, '1 s'],
    [59_400, '59 s'],
    [60_000, '1 min'],
    [7_199_000, '120 min'],
    [7_200_000, '2 h'],
  ]
  for (const [ms, expected] of cases) t.equal(duration(ms), expected)
})

// Real processes under load, killed at random moments. What is recovered is exactly what they had written: all that they
// said was done, and at most the one step they could not speak of any more.
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import t, { type Test } from 'tap'
import { startRandom } from '../../../helpers/random.ts'
import { type DecodedSpan, decode, makeFolder, recoverAll } from './journals.ts'
import { buildFixture, kill, type Started, start } from './processes.ts'
import { expectedAfter } from './script.ts'

const KILLS = 200
const AT_ONCE = 2
/** What it goes on with until the signal arrives comes on top. */
const MOST_STEPS = 2000

/** How far it said it was, for each first number. */
function watch({ lines }: Started): ReadonlyMap<number, number> {
  const done = new Map<number, number>()
  lines.on('line', line => {
    const [first, count] = line.split(' ').map(Number)
    if (first !== undefined && count !== undefined) done.set(first, count)
  })
  return done
}

/** What is wrong with what was recovered; `undefined` when nothing is. */
function compare(spans: readonly DecodedSpan[], first: number, done: number): string | undefined {
  const shown = JSON.stringify([
    spans.filter(({ isFinished }) => isFinished).map(({ number }) => number),
    spans.flatMap(({ isFinished, number }) => (isFinished ? [] : [number])).sort((a, b) => a - b),
  ])
  const possible = [done, done + 1].map(count => {
    const { finished, open } = expectedAfter(count, first)
    return JSON.stringify([finished, [...open].sort((a, b) => a - b)])
  })
  return possible.includes(shown)
    ? undefined
    : `after ${done} steps: ${shown}, expected ${possible.join(' or ')}`
}

async function killOnce(t: Test, script: string, afterSteps: number): Promise<[number, string?]> {
  const folder = makeFolder(t)
  const process = start(t, script, folder, '0')
  const done = watch(process)
  while ((done.get(0) ?? 0) <= afterSteps) await once(process.lines, 'line')
  await kill(process)
  const count = done.get(0) ?? 0
  const recovered = recoverAll(folder)
  const fault = compare(decode(recovered), 0, count)
  recovered.release()
  const left = readdirSync(folder)
  return left.length > 0 ? [count, `left: ${left}`] : fault === undefined ? [count] : [count, fault]
}

t.test(
  `killed at ${KILLS} random moments, nothing written is lost and nothing is invented`,
  async t => {
    const random = startRandom()
    t.comment(`BATON_FUZZ_SEED=${random.seed}`)
    const script = buildFixture(t, 'load')
    const faults: string[] = []
    const counts: number[] = []
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let round = 0; round < KILLS / AT_ONCE; round++) {
          const [count, fault] = await killOnce(t, script, random.below(MOST_STEPS))
          counts.push(count)
          if (fault !== undefined) faults.push(fault)
        }
      }),
    )
    counts.sort((one, other) => one - other)
    t.comment(
      `steps before the kill: ${counts[0]} to ${counts.at(-1)}, median ${counts[KILLS / 2]}`,
    )
    t.strictSame(faults, [])
    t.ok((counts[KILLS / 2] ?? 0) > 500, 'most had gone round')
  },
)

t.test(
  'of two processes in one folder the dead one is recovered, the living one left alone',
  async t => {
    const script = buildFixture(t, 'load')
    const folder = makeFolder(t)
    const one = start(t, script, folder, '0')
    const other = start(t, script, folder, '1000000')
    const [oneDone, otherDone] = [watch(one), watch(other)]
    await Promise.all([once(one.lines, 'line'), once(other.lines, 'line')])
    await kill(one)
    const first = recoverAll(folder)
    t.equal(compare(decode(first), 0, oneDone.get(0) ?? 0), undefined)
    first.release()
    const soFar = otherDone.get(1_000_000) ?? 0
    while ((otherDone.get(1_000_000) ?? 0) < soFar + 100) await once(other.lines, 'line')
    await kill(other)
    const second = recoverAll(folder)
    t.equal(compare(decode(second), 1_000_000, otherDone.get(1_000_000) ?? 0), undefined)
  },
)

t.test('each of three worker threads has a journal of its own', async t => {
  const folder = makeFolder(t)
  const process = start(t, buildFixture(t, 'load'), folder, '0', '3')
  const done = watch(process)
  while (done.size < 3) await once(process.lines, 'line')
  t.equal(readdirSync(folder).length, 3)
  t.strictSame(recoverAll(folder).batches, [], 'it lives')
  await kill(process)
  const spans = decode(recoverAll(folder))
  for (const first of [0, 1e9, 2e9]) {
    const own = spans.filter(({ number }) => number >= first && number < first + 1e9)
    t.equal(compare(own, first, done.get(first) ?? 0), undefined)
  }
})

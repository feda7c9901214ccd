import t from 'tap'
import { createClock } from '../../../instrumentation/trace/clock.ts'

/** Two clocks that are moved by hand; a freeze moves only the wall. */
function startClocks() {
  const at = { monotonic: 100, wall: 1_700_000_000_100 }
  const clock = createClock(
    () => at.monotonic,
    () => at.wall,
  )
  return {
    clock,
    pass(ms: number) {
      at.monotonic += ms
      at.wall += ms
    },
    freeze(ms: number) {
      at.wall += ms
    },
  }
}

t.test('time goes on in steps smaller than a millisecond', async t => {
  const { clock, pass } = startClocks()
  t.equal(clock.now(), 1_700_000_000_100)
  pass(0.25)
  t.equal(clock.now(), 1_700_000_000_100.25)
})

t.test('a freeze is not seen before anchor(), and made up for by it', async t => {
  const { clock, freeze, pass } = startClocks()
  freeze(600_000)
  t.equal(clock.now(), 1_700_000_000_100)
  clock.anchor()
  t.equal(clock.now(), 1_700_000_600_100)
  pass(1.5)
  t.equal(clock.now(), 1_700_000_600_101.5)
})

t.test('a second freeze is made up for as well', async t => {
  const { clock, freeze } = startClocks()
  freeze(1000)
  clock.anchor()
  freeze(2000)
  clock.anchor()
  t.equal(clock.now(), 1_700_000_003_100)
})

for (const [difference, moves] of [
  [5, false],
  [-5, false],
  [5.001, true],
  [-5.001, true],
] as const) {
  t.test(
    `clocks ${difference} ms apart are ${moves ? 'laid together' : 'taken to agree'}`,
    async t => {
      const { clock, freeze } = startClocks()
      // Whole milliseconds are exact in a double of this size; the fraction is what the limit is about.
      freeze(difference)
      clock.anchor()
      const moved = clock.now() - 1_700_000_000_100
      t.equal(moves ? Math.round(moved) : moved, moves ? Math.round(difference) : 0)
    },
  )
}

t.test('a wall clock that was set back is followed', async t => {
  const { clock, freeze } = startClocks()
  freeze(-60_000)
  clock.anchor()
  t.equal(clock.now(), 1_699_999_940_100)
})

t.test('small differences do not add up unseen', async t => {
  const { clock, freeze } = startClocks()
  for (let step = 0; step < 10; step++) {
    freeze(4)
    clock.anchor()
  }
  t.ok(Math.abs(clock.now() - 1_700_000_000_140) <= 5, `${clock.now()}`)
})

t.test("without clocks given it reads the machine's, and never goes back", async t => {
  const clock = createClock()
  const before = Date.now()
  clock.anchor()
  let last = clock.now()
  for (let step = 0; step < 1000; step++) {
    const now = clock.now()
    if (now < last) t.fail(`${now} after ${last}`)
    last = now
  }
  t.ok(last >= before - 6 && last <= Date.now() + 6, `${last} is about ${before}`)
})

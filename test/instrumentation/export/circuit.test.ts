// The circuit breaker, by a clock moved by hand.
import t from 'tap'
import { Circuit } from '../../../instrumentation/export/circuit.ts'

const START_MS = 1_700_000_000_000

t.test('it begins closed', async t => {
  const circuit = new Circuit(() => 0)
  t.strictSame([circuit.isFailing, circuit.isOpen(START_MS)], [false, false])
})

t.test('after each failure in a row it is open twice as long, from 1 s up to 60 s', async t => {
  const circuit = new Circuit(() => 0)
  let nowMs = START_MS
  for (const waitMs of [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]) {
    circuit.fail(nowMs)
    t.equal(circuit.isOpen(nowMs + waitMs - 1), true, `${waitMs - 1} ms later it is open`)
    t.equal(circuit.isOpen(nowMs + waitMs), false, `${waitMs} ms later it is half open`)
    t.equal(circuit.isFailing, true, 'half open is not closed')
    nowMs += waitMs
  }
})

t.test('one success closes it, and the next failure opens it for the shortest time', async t => {
  const circuit = new Circuit(() => 0)
  circuit.fail(START_MS)
  circuit.fail(START_MS)
  circuit.succeed()
  t.strictSame([circuit.isFailing, circuit.isOpen(START_MS)], [false, false])
  circuit.fail(START_MS)
  t.strictSame([circuit.isOpen(START_MS + 999), circuit.isOpen(START_MS + 1000)], [true, false])
})

t.test('up to a quarter of the wait is left to chance', async t => {
  const circuit = new Circuit(() => 0.999)
  circuit.fail(START_MS)
  t.strictSame([circuit.isOpen(START_MS + 1249), circuit.isOpen(START_MS + 1250)], [true, false])
})

for (const [askedMs, waitMs] of [
  [999, 1000],
  [1001, 1001],
  [300_000, 300_000],
  [300_001, 300_000],
] as const) {
  t.test(`a collector that asks for ${askedMs} ms gets ${waitMs}`, async t => {
    const circuit = new Circuit(() => 0)
    circuit.fail(START_MS, askedMs)
    t.strictSame(
      [circuit.isOpen(START_MS + waitMs - 1), circuit.isOpen(START_MS + waitMs)],
      [true, false],
    )
  })
}

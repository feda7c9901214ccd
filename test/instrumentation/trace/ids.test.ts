import t from 'tap'
import { createIdSource } from '../../../instrumentation/trace/ids.ts'

const SEED = Uint32Array.of(1, 2, 3, 4)

t.test('the same seed gives the same ids, in the same order', async t => {
  const [first, second] = [createIdSource(SEED), createIdSource(SEED)]
  const draw = (ids: typeof first) => [ids.traceId(), ids.spanId(), ids.spanId(), ids.traceId()]
  const drawn = draw(first)
  t.strictSame(draw(second), drawn)
  t.notSame(draw(second), drawn, 'and goes on')
})

t.test("the sequence is sfc32's, bytes of each word from the lowest on", async t => {
  // Written once more from the generator's description: three words and a counter, 15 rounds to warm up.
  let [a = 0n, b = 0n, c = 0n, counter = 0n] = Array.from(SEED, BigInt)
  const mask = 0xffff_ffffn
  const next = (): bigint => {
    const sum = (a + b + counter) & mask
    counter = (counter + 1n) & mask
    a = b ^ (b >> 9n)
    b = (c + (c << 3n)) & mask
    c = ((((c << 21n) | (c >> 11n)) & mask) + sum) & mask
    return sum
  }
  for (let round = 0; round < 15; round++) next()
  const word = () => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32LE(Number(next()))
    return bytes.toString('hex')
  }
  const ids = createIdSource(SEED)
  for (let round = 0; round < 1000; round++) {
    if (ids.traceId() !== word() + word() + word() + word()) t.fail(`trace id ${round}`)
    if (ids.spanId() !== word() + word()) t.fail(`span id ${round}`)
  }
  t.pass('1000 of each')
})

t.test('ids are of the right length, in lower case hex', async t => {
  const ids = createIdSource()
  for (let round = 0; round < 1000; round++) {
    const [traceId, spanId] = [ids.traceId(), ids.spanId()]
    if (!/^[0-9a-f]{32}$/.test(traceId)) t.fail(traceId)
    if (!/^[0-9a-f]{16}$/.test(spanId)) t.fail(spanId)
  }
  t.pass('1000 of each')
})

t.test('100,000 ids of each kind are all different, and none is zero', async t => {
  const ids = createIdSource()
  const seen = new Set<string>()
  for (let round = 0; round < 100_000; round++) seen.add(ids.traceId()).add(ids.spanId())
  t.equal(seen.size, 200_000)
  t.notOk(seen.has('0'.repeat(32)) || seen.has('0'.repeat(16)))
})

t.test('no seed makes an id of zeros', async t => {
  for (const seed of [Uint32Array.of(0, 0, 0, 0), Uint32Array.of(0, 0, 0, 0xffff_fff1)]) {
    const ids = createIdSource(seed)
    for (let round = 0; round < 1000; round++) {
      if (/^0+$/.test(ids.traceId()) || /^0+$/.test(ids.spanId())) t.fail(`round ${round}`)
    }
  }
  t.pass('2000 of each')
})

t.test('two sources of this process are seeded apart', async t => {
  t.not(createIdSource().traceId(), createIdSource().traceId())
})

t.test('every bit is set about as often as not', async t => {
  const ids = createIdSource(SEED)
  const counts = new Array<number>(64).fill(0)
  const rounds = 10_000
  for (let round = 0; round < rounds; round++) {
    const id = BigInt(`0x${ids.spanId()}`)
    for (let bit = 0; bit < 64; bit++)
      counts[bit] = (counts[bit] ?? 0) + Number((id >> BigInt(bit)) & 1n)
  }
  // Eight standard deviations of a fair coin; the seed is fixed, so this passes or fails for good.
  const tolerance = 8 * Math.sqrt(rounds / 4)
  t.strictSame(
    counts.filter(count => Math.abs(count - rounds / 2) > tolerance),
    [],
  )
})

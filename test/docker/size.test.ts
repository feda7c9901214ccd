import { join } from 'node:path'
import t from 'tap'
import { checkBudget, formatBytes, sizeOfFolder } from '../../docker/size.ts'

t.test('a folder weighs what its files weigh, at every depth', async t => {
  const folder = t.testdir({
    a: 'x'.repeat(10),
    b: { c: 'é', d: { e: 'x'.repeat(1000), empty: '' } },
    'no files': {},
  })
  t.equal(await sizeOfFolder(folder), 10 + 2 + 1000)
})

t.test('an empty folder weighs nothing, and one that is missing is an error', async t => {
  const folder = t.testdir({})
  t.equal(await sizeOfFolder(folder), 0)
  await t.rejects(sizeOfFolder(join(folder, 'missing')), { code: 'ENOENT' })
})

t.test('what a link points at is not counted', async t => {
  const folder = t.testdir({ a: 'x'.repeat(10), link: t.fixture('symlink', 'a') })
  t.equal(await sizeOfFolder(folder), 10)
})

t.test('a budget is met up to its last byte', async t => {
  checkBudget('the layer', 499_999, 500_000)
  checkBudget('the layer', 500_000, 500_000)
  t.throws(() => checkBudget('the layer', 500_001, 500_000))
})

t.test('an exceeded budget says what it is, what was expected and what came', async t => {
  t.throws(() => checkBudget('the layer without Node', 1_234_567, 500_000), {
    message: 'the layer without Node: expected at most 500.0 kB, got 1.2 MB',
  })
})

for (const [bytes, text] of [
  [0, '0.0 kB'],
  [1, '0.0 kB'],
  [50, '0.1 kB'],
  [1000, '1.0 kB'],
  [34_560, '34.6 kB'],
  [999_900, '999.9 kB'],
  [1_000_000, '1.0 MB'],
  [123_456_789, '123.5 MB'],
] as const) {
  t.test(`${bytes} bytes are written as ${text}`, async t => {
    t.equal(formatBytes(bytes), text)
  })
}

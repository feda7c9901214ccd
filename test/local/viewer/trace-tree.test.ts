// The order of spans and the lines between them, for traces as they should be and as they should not.
import t from 'tap'
import type { CollectedSpan } from '../../../local/collector/span.ts'
import { layOutTree } from '../../../local/viewer/trace-tree.ts'
import { sampleSpan } from './sample-spans.ts'

const draw = (...spans: CollectedSpan[]): string[] =>
  layOutTree(spans).map(row => `${row.branch}${row.span.name}${row.isOrphan ? ' (orphan)' : ''}`)

t.test('children stand below their parents, siblings by time', async t => {
  const rows = layOutTree([
    sampleSpan('c', ['3', '1'], [5, 6]),
    sampleSpan('b2', ['5', '2'], [3, 4]),
    sampleSpan('b1', ['4', '2'], [2, 3]),
    sampleSpan('b', ['2', '1'], [1, 4]),
    sampleSpan('a', ['1'], [0, 9]),
  ])
  t.strictSame(
    rows.map(row => row.branch + row.span.name),
    ['a', '├ b', '│ ├ b1', '│ └ b2', '└ c'],
  )
  t.strictSame(
    rows.map(row => row.rail),
    ['│ ', '│ │ ', '│ │   ', '│     ', '    '],
  )
})

t.test('a span whose parent is not there is a root of its own', async t => {
  t.strictSame(
    draw(
      sampleSpan('late', ['1', 'fe'], [5, 6]),
      sampleSpan('early', ['2', 'ff'], [1, 2]),
      sampleSpan('leaf', ['3', '2'], [1, 2]),
      sampleSpan('root', ['4'], [3, 4]),
    ),
    ['early (orphan)', '└ leaf', 'root', 'late (orphan)'],
  )
})

t.test(
  'every span is shown once: parents in a circle, own parents, ids that occur twice',
  async t => {
    t.strictSame(draw(sampleSpan('a', ['1', '2'], [0, 1]), sampleSpan('b', ['2', '1'], [1, 2])), [
      'a',
      '└ b',
    ])
    t.strictSame(draw(sampleSpan('own', ['1', '1'], [0, 1])), ['own'])
    t.strictSame(
      draw(
        sampleSpan('twin 1', ['1'], [0, 1]),
        sampleSpan('twin 2', ['1'], [1, 2]),
        sampleSpan('child', ['2', '1'], [1, 2]),
      ),
      ['twin 1', '└ child', 'twin 2'],
    )
    t.strictSame(draw(), [])
  },
)

t.test('a chain of ten thousand spans is laid out', async t => {
  const chain = Array.from({ length: 10_000 }, (_, i) =>
    sampleSpan(`${i}`, i === 0 ? ['f'] : [`a${i}`, i === 1 ? 'f' : `a${i - 1}`], [i, i + 1]),
  )
  const rows = layOutTree(chain)
  t.equal(rows.length, 10_000)
  t.equal(rows.at(-1)?.branch.length, 2 * 9999)
})

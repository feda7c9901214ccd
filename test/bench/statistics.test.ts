import t from 'tap'
import { median, pairedRatio, rotate } from './statistics.ts'

t.test('the median is the middle value, whatever the order', async t => {
  t.equal(median([9, 1, 5]), 5)
  t.equal(median([7]), 7)
})

t.test('the median of an even number of values lies between the middle two', async t => {
  t.equal(median([10, 1, 2, 4]), 3)
})

t.test('values are ordered as numbers and left as they were', async t => {
  const values = [100, 20, 3]
  t.equal(median(values), 20)
  t.same(values, [100, 20, 3])
})

t.test('no values have no median', async t => {
  t.throws(() => median([]), { message: /got 0/ })
})

t.test('a round that was slow for everyone does not move the paired ratio', async t => {
  const reference = [100, 200, 1000]
  const values = [50, 100, 500]
  t.equal(pairedRatio(values, reference), 0.5)
})

t.test('the paired ratio is not the ratio of the medians', async t => {
  t.equal(pairedRatio([10, 40, 90], [10, 20, 100]), 1)
})

t.test('a ratio needs a pair in every round', async t => {
  t.throws(() => pairedRatio([1, 2], [1]), { message: /expected 1 values, got 2/ })
})

t.test('over as many rounds as there are items, each has been first once', async t => {
  const items = ['a', 'b', 'c']
  t.same(rotate(items, 0), ['a', 'b', 'c'])
  t.same(rotate(items, 1), ['b', 'c', 'a'])
  t.same(rotate(items, 2), ['c', 'a', 'b'])
  t.same(rotate(items, 3), ['a', 'b', 'c'])
  t.same(rotate([], 2), [])
})

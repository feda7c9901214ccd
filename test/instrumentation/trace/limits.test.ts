import t from 'tap'
import { limitValue } from '../../../instrumentation/trace/limits.ts'

for (const [name, value, expected] of [
  ['a text at the limit', '12345', '12345'],
  ['a text above it', '123456', '12345'],
  ['an empty text', '', ''],
  ['a number', 1.5, 1.5],
  ['zero', 0, 0],
  ['NaN', Number.NaN, Number.NaN],
  ['true', true, true],
  ['false', false, false],
  ['a list of texts, each cut by itself', ['123456', 'ab', '1234567'], ['12345', 'ab', '12345']],
  ['a list of numbers', [1, 2.5], [1, 2.5]],
  ['a list of booleans', [true, false], [true, false]],
  ['an empty list', [], []],
] as const) {
  t.test(`${name} is kept as ${JSON.stringify(expected)}`, async t => {
    t.strictSame(limitValue(value, 5), expected)
  })
}

for (const [name, value] of [
  ['undefined', undefined],
  ['null', null],
  ['an object', { a: 1 }],
  ['a date', new Date()],
  ['a function', () => 1],
  ['a symbol', Symbol('s')],
  ['a BigInt', 1n],
  ['bytes', new Uint8Array(1)],
  ['a list of mixed kinds', ['a', 1]],
  ['a list of objects', [{}]],
  ['a list of lists', [['a']]],
  ['a list of BigInts', [1n]],
] as const) {
  t.test(`${name} is no attribute value`, async t => {
    t.equal(limitValue(value, 5), undefined)
  })
}

t.test('1024 elements of a list are kept, the next is not', async t => {
  const list = (length: number) => Array.from({ length }, (_, index) => index)
  t.strictSame(limitValue(list(1024), 5), list(1024))
  t.strictSame(limitValue(list(1025), 5), list(1024))
})

t.test('a list is copied: what its owner does later does not reach the span', async t => {
  const list = ['a']
  const limited = limitValue(list, 5)
  list.push('b')
  t.strictSame(limited, ['a'])
})

t.test('places of a list that hold nothing stay, and do not count as a kind', async t => {
  t.strictSame(limitValue(['a', null], 5), ['a', null])
  t.strictSame(limitValue([null, 'a', undefined], 5), [null, 'a', null])
  t.strictSame(limitValue([undefined], 5), [null])
  t.equal(limitValue([null, 'a', 1], 5), undefined)
})

import t from 'tap'
import {
  headerCarrier,
  headerCarriers,
  listCarriers,
  MAX_VALUE_LENGTH,
  mapCarrier,
} from '../../../instrumentation/propagation/carrier.ts'

t.test('headers are found in any case, the lower-case spelling first', async t => {
  for (const name of ['traceparent', 'Traceparent', 'TraceParent', 'TRACEPARENT', 'tRaCePaReNt']) {
    t.equal(headerCarrier({ accept: '*/*', [name]: 'value' })('traceparent'), 'value', name)
  }
  const both = headerCarrier({ Traceparent: 'capital', traceparent: 'lower' })
  t.equal(both('traceparent'), 'lower')
  const odd = headerCarrier({ Traceparent: 'first', TRACEPARENT: 'second' })
  t.equal(odd('traceparent'), 'first')
  const unusable = headerCarrier({ traceparent: 7, Traceparent: 'capital' })
  t.equal(unusable('traceparent'), 'capital', 'a value of the wrong type hides nothing')
})

t.test('of a list of values the first text counts, list headers are joined', async t => {
  const read = headerCarrier({
    TraceParent: [null, 'first', 'second'],
    TraceState: ['a=1', 7, 'b=2'],
    baggage: ['k=v', 'l=w'],
    empty: [],
  })
  t.equal(read('traceparent'), 'first')
  t.equal(read('tracestate'), 'a=1,b=2')
  t.equal(read('baggage'), 'k=v,l=w')
  t.equal(read('empty'), undefined)
})

t.test('blanks and tabs around a value are not part of it, line ends are', async t => {
  const read = headerCarrier({ a: ' \t x y\t ', b: '\nx', c: '   ' })
  t.equal(read('a'), 'x y')
  t.equal(read('b'), '\nx')
  t.equal(read('c'), '')
})

t.test('the longest value that counts is 8 KB; baggage is cut instead of ignored', async t => {
  const fits = 'x'.repeat(MAX_VALUE_LENGTH)
  const read = headerCarrier({ fits, tooLong: `${fits}x`, baggage: `${fits}xyz` })
  t.equal(read('fits'), fits)
  t.equal(read('toolong'), undefined)
  t.equal(read('baggage')?.length, MAX_VALUE_LENGTH + 1)
})

t.test('what is not an object of own texts holds nothing', async t => {
  for (const headers of [undefined, null, 'traceparent', 7, true, ['traceparent'], () => 'x']) {
    t.equal(headerCarrier(headers)('traceparent'), undefined)
    t.equal(mapCarrier(headers)('traceparent'), undefined)
  }
  for (const value of [null, 7, true, {}, [[]], { toString: () => 'x' }]) {
    t.equal(headerCarrier({ traceparent: value })('traceparent'), undefined)
  }
})

t.test('prototypes are never read, and `__proto__` is a name like any other', async t => {
  const inherited = Object.create({ traceparent: 'inherited', Tracestate: 'inherited' })
  t.equal(headerCarrier(inherited)('traceparent'), undefined)
  t.equal(headerCarrier(inherited)('tracestate'), undefined)
  const own = JSON.parse('{"__proto__":{"traceparent":"nested"},"constructor":"text"}')
  t.equal(headerCarrier(own)('traceparent'), undefined)
  t.equal(headerCarrier(own)('toString'), undefined)
  const bare = Object.assign(Object.create(null), { Traceparent: 'bare' })
  t.equal(headerCarrier(bare)('traceparent'), 'bare')
})

t.test('names beyond the 512th are not looked at, except in a spelling that is in use', async t => {
  const names = Object.fromEntries(Array.from({ length: 511 }, (_, i) => [`x-${i}`, '']))
  t.equal(headerCarrier({ ...names, TracePARENT: 'last' })('traceparent'), 'last')
  t.equal(headerCarrier({ ...names, more: '', TracePARENT: 'late' })('traceparent'), undefined)
  for (const name of ['traceparent', 'Traceparent', 'TraceParent', 'TRACEPARENT'])
    t.equal(headerCarrier({ ...names, more: '', [name]: 'late' })('traceparent'), 'late')
})

t.test('a large object is not walked over; spellings that are in use are found in it', async t => {
  const found = { 'X-Amzn-Trace-Id': 'a', 'X-B3-TraceId': 'b', TRACESTATE: 'c', tRaceparent: 'd' }
  const read = headerCarrier(found, false)
  t.equal(read('x-amzn-trace-id'), 'a')
  t.equal(read('x-b3-traceid'), 'b')
  t.equal(read('tracestate'), 'c')
  t.equal(read('traceparent'), undefined)
  const keys = new Proxy(found, {
    ownKeys: () => {
      throw new Error('walked')
    },
  })
  t.equal(headerCarrier(keys, false)('traceparent'), undefined)
})

t.test('a name that comes in several spellings gives each of them a turn', async t => {
  const layers = headerCarriers('h', {
    traceparent: 'lower',
    Traceparent: 'capital',
    tRACEPARENT: ['odd'],
    tracestate: 'a=1',
  }).map(({ carrier }) => [carrier('traceparent'), carrier('tracestate')])
  t.strictSame(layers, [
    ['lower', 'a=1'],
    ['capital', 'a=1'],
    ['odd', 'a=1'],
    [undefined, undefined],
  ])
  const single = headerCarriers('h', { traceparent: 'lower' }).map(({ carrier }) =>
    carrier('traceparent'),
  )
  t.strictSame(single, ['lower', undefined, undefined, undefined])
})

t.test('a plain map holds texts only', async t => {
  const read = mapCarrier({ traceparent: ['listed'], Baggage: 'k=v', tracestate: { a: 1 } })
  t.equal(read('traceparent'), undefined)
  t.equal(read('tracestate'), undefined)
  t.equal(read('baggage'), 'k=v')
})

t.test('of a long list the first and the last headers are looked at', async t => {
  const read = (value: unknown) => (typeof value === 'string' ? value : undefined)
  const find = (at: number, limit: number): string | undefined => {
    const list = Array.from({ length: 20 }, (_, index) =>
      index === at ? { Traceparent: 'value' } : { other: 'x' },
    )
    return listCarriers('list', list, read, limit)[0]?.carrier('traceparent')
  }
  const seen = (limit: number) =>
    Array.from({ length: 20 }, (_, at) => at).filter(at => find(at, limit))
  t.strictSame(seen(6), [0, 1, 2, 17, 18, 19])
  t.strictSame(seen(5), [0, 1, 2, 18, 19])
  t.strictSame(seen(1), [0])
  t.equal(seen(20).length, 20)
  t.equal(seen(19).length, 19)
})

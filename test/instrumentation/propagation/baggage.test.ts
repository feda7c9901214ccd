import t from 'tap'
import { parseBaggage } from '../../../instrumentation/propagation/baggage.ts'

t.test('baggage is carried on as it came, without blanks between its members', async t => {
  const kept: [text: string, expected: string][] = [
    ['tenant=acme', 'tenant=acme'],
    ['a=1 , b=2;ttl=60 ;flag,\tc=%20x', 'a=1,b=2;ttl=60 ;flag,c=%20x'],
    ['a = 1', 'a = 1'],
    ['a=', 'a='],
    ["!#$%&'*+-.^_`|~09AZaz=1", "!#$%&'*+-.^_`|~09AZaz=1"],
  ]
  for (const [text, expected] of kept) t.equal(parseBaggage(text), expected, text)
})

t.test('broken members are left out, the others stay', async t => {
  const cases: [text: string, expected: string | undefined][] = [
    ['a=1,,=2,novalue,b c=3,d=4', 'a=1,d=4'],
    ['a=\u00e9,b=2', 'b=2'],
    ['a=1\r\nx-evil: 1,b=2', 'b=2'],
    ['a=\u0000', undefined],
    ['', undefined],
    [' , ', undefined],
  ]
  for (const [text, expected] of cases) t.equal(parseBaggage(text), expected, JSON.stringify(text))
})

t.test('180 members are carried on, the 181st is not', async t => {
  const list = (count: number) => Array.from({ length: count }, (_, i) => `k${i}=v`).join(',')
  t.equal(parseBaggage(list(180)), list(180))
  t.equal(parseBaggage(list(181)), list(180))
  t.equal(parseBaggage(`broken,${list(180)}`), list(180), 'a broken one does not count')
})

t.test('8192 bytes are carried on; what is longer is cut at a whole member', async t => {
  const first = `a=${'x'.repeat(4000)}`
  const fill = (length: number) => `b=${'y'.repeat(length - first.length - 3)}`
  const exact = `${first},${fill(8192)}`
  t.equal(exact.length, 8192)
  t.equal(parseBaggage(exact), exact)
  t.equal(parseBaggage(`${exact},c=1`), exact, 'the cut falls on the comma')
  t.equal(parseBaggage(`${exact}y`), first)
  t.equal(parseBaggage(`a=${'x'.repeat(8190)}`)?.length, 8192)
  t.equal(parseBaggage(`a=${'x'.repeat(8191)}`), undefined)
})

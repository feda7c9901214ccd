import t from 'tap'
import {
  formatTraceparent,
  parseTraceparent,
  parseTracestate,
} from '../../../instrumentation/propagation/trace-context.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'

t.test('parseTraceparent() takes what the recommendation allows', async t => {
  const accepted: [text: string, flags: number][] = [
    [`00-${TRACE}-${SPAN}-00`, 0],
    [`00-${TRACE}-${SPAN}-01`, 1],
    [`00-${TRACE}-${SPAN}-03`, 3],
    [`00-${TRACE}-${SPAN}-ff`, 3],
    [`00-${TRACE}-${SPAN}-fe`, 2],
    [`01-${TRACE}-${SPAN}-01`, 1],
    [`fe-${TRACE}-${SPAN}-03`, 1],
    [`cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`, 1],
    [`01-${TRACE}-${SPAN}-00-`, 0],
  ]
  for (const [text, traceFlags] of accepted) {
    const expected = { traceId: TRACE, spanId: SPAN, traceFlags, traceState: undefined }
    t.strictSame(parseTraceparent(text), expected, text)
  }
})

t.test('parseTraceparent() refuses everything else', async t => {
  const refused = [
    '',
    '-',
    '00',
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-`,
    `00-${TRACE}-${SPAN}-1`,
    `00-${TRACE}-${SPAN}-001`,
    `00-${TRACE}-${SPAN}-01-`,
    `00-${TRACE}-${SPAN}-01-more`,
    `cc-${TRACE}-${SPAN}-01.more`,
    `cc-${TRACE}-${SPAN}-012`,
    `ff-${TRACE}-${SPAN}-01`,
    `0-${TRACE}-${SPAN}-01`,
    `000-${TRACE}-${SPAN}-01`,
    `.0-${TRACE}-${SPAN}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN.toUpperCase()}-01`,
    `00-${TRACE}-${SPAN}-0A`,
    `0A-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.slice(1)}-${SPAN}-01`,
    `00-${TRACE}0-${SPAN}-01`,
    `00-${TRACE}-${SPAN.slice(1)}-01`,
    `00-${TRACE}-${SPAN}0-01`,
    `00-g${TRACE.slice(1)}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-.0`,
    `00_${TRACE}_${SPAN}_01`,
    ` 00-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01 `,
    `00-${TRACE}-${SPAN}-01\n`,
    `cc-${TRACE}-${SPAN}-01\n`,
    `00-${TRACE}-${SPAN}-01,00-${TRACE}-${SPAN}-01`,
  ]
  for (const text of refused) t.equal(parseTraceparent(text), undefined, JSON.stringify(text))
})

t.test('formatTraceparent() writes what parseTraceparent() reads', async t => {
  for (const traceFlags of [0, 1, 2, 3]) {
    const context = { traceId: TRACE, spanId: SPAN, traceFlags, traceState: undefined }
    t.equal(formatTraceparent(context), `00-${TRACE}-${SPAN}-0${traceFlags}`)
    t.strictSame(parseTraceparent(formatTraceparent(context)), context)
  }
})

const members = (count: number) => Array.from({ length: count }, (_, i) => `bar${i}=${i}`).join(',')

t.test('parseTracestate() keeps a valid list, without its blanks and empty members', async t => {
  const kept: [text: string, expected: string][] = [
    ['foo=1', 'foo=1'],
    ['foo=1,bar=2', 'foo=1,bar=2'],
    ['foo=1 \t , \t bar=2, \t baz=3\t', 'foo=1,bar=2,baz=3'],
    [',foo=1,, ,', 'foo=1'],
    ['f=a b', 'f=a b'],
    ['f= a', 'f= a'],
    ['a_-*/9=1', 'a_-*/9=1'],
    ['9key=1', '9key=1'],
    ['tenant@vendor=1', 'tenant@vendor=1'],
    ['0tenant@vendor=1', '0tenant@vendor=1'],
    [`${'z'.repeat(256)}=1`, `${'z'.repeat(256)}=1`],
    [`${'t'.repeat(241)}@${'v'.repeat(14)}=1`, `${'t'.repeat(241)}@${'v'.repeat(14)}=1`],
    [`k=${'v'.repeat(256)}`, `k=${'v'.repeat(256)}`],
    [members(32), members(32)],
    [`${members(32)},,`, members(32)],
  ]
  for (const [text, expected] of kept) t.equal(parseTracestate(text), expected, text)
})

t.test('parseTracestate() keeps every character that a value may hold', async t => {
  const codes = Array.from({ length: 0x7f - 0x20 }, (_, i) => i + 0x20)
  const value = String.fromCharCode(...codes.filter(code => code !== 0x2c && code !== 0x3d))
  t.equal(parseTracestate(`foo=${value}`), `foo=${value}`)
})

t.test('parseTracestate() drops the whole list for one malformed member', async t => {
  const dropped = [
    '',
    ' , ,',
    'foo',
    'foo=',
    'foo=,bar=3',
    '=1',
    'foo =1',
    'FOO=1',
    'foo.bar=1',
    'foo@=1,bar=2',
    '@foo=1,bar=2',
    'foo@@bar=1,bar=2',
    'foo@bar@baz=1,bar=2',
    'foo@9bar=1',
    'foo@-bar=1',
    '_foo=1',
    'foo{=1',
    'foo@{=1',
    'foo=bar=baz',
    'foo=1,foo=1',
    'foo=1,bar=2,foo=2',
    'foo=\u00e9',
    'foo=a\tb',
    'foo=a\u007f',
    'foo=1\r\nx-evil: 1',
    `foo=1,${'z'.repeat(257)}=1`,
    `foo=1,${'t'.repeat(242)}@v=1`,
    `foo=1,t@${'v'.repeat(15)}=1`,
    `k=${'v'.repeat(257)}`,
    members(33),
  ]
  for (const text of dropped) t.equal(parseTracestate(text), undefined, JSON.stringify(text))
})

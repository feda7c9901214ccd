import t from 'tap'
import {
  extractXRay,
  formatXRay,
  parseXRay,
  replaceParent,
} from '../../../instrumentation/propagation/xray.ts'

const ROOT = '1-5759e988-bd862e3fe1be46a994272793'
const TRACE = '5759e988bd862e3fe1be46a994272793'
const PARENT = '53995c3f42cd8ad8'

t.test('parseXRay() reads the fields in any order, among others and with blanks', async t => {
  const whole = { traceId: TRACE, parentId: PARENT, isSampled: true }
  const accepted: [text: string, expected: ReturnType<typeof parseXRay>][] = [
    [`Root=${ROOT};Parent=${PARENT};Sampled=1`, whole],
    [`Sampled=1;Parent=${PARENT};Root=${ROOT}`, whole],
    [` Root = ${ROOT} ; Parent= ${PARENT} ;Sampled =1 `, whole],
    [`Self=1-5759e989-000000000000000000000001;Root=${ROOT};Parent=${PARENT};Sampled=1`, whole],
    [`Root=${ROOT};Parent=${PARENT};Sampled=1;Lineage=1:a87bd80c:0`, whole],
    [`Root=${ROOT};Parent=${PARENT};Sampled=1;Lineage=a87bd80c:1|68fd508a:5|c512fbe3:2`, whole],
    [`Root=${ROOT};Parent=${PARENT};Sampled=1;CalledFrom=app;;x`, whole],
    [`Root=${ROOT.toUpperCase()};Parent=${PARENT.toUpperCase()};Sampled=1`, whole],
    [`Root=${ROOT};Parent=${PARENT};Sampled=1;Parent=1;Sampled=0;Root=2`, whole],
    [`Root=${ROOT};Parent=${PARENT};Sampled=0`, { ...whole, isSampled: false }],
    [`Root=${ROOT};Parent=${PARENT};Sampled=?`, { ...whole, isSampled: undefined }],
    [`Root=${ROOT};Parent=${PARENT}`, { ...whole, isSampled: undefined }],
    [`Root=${ROOT};Sampled=1`, { ...whole, parentId: undefined }],
    [`Root=${ROOT};Parent=;Sampled=1`, { ...whole, parentId: undefined }],
    [`Root=${ROOT};Parent=${PARENT}0;Sampled=1`, { ...whole, parentId: undefined }],
    [`Root=${ROOT};Parent=0000000000000000;Sampled=1`, { ...whole, parentId: undefined }],
    [`Root=${ROOT}`, { traceId: TRACE, parentId: undefined, isSampled: undefined }],
  ]
  for (const [text, expected] of accepted) t.strictSame(parseXRay(text), expected, text)
})

t.test('parseXRay() refuses a header that names no trace or cannot be sent on', async t => {
  const refused = [
    '',
    ';',
    `Parent=${PARENT};Sampled=1`,
    `root=${ROOT};Parent=${PARENT}`,
    `Root=2-5759e988-bd862e3fe1be46a994272793`,
    `Root=1-5759e98-bd862e3fe1be46a994272793`,
    `Root=1-5759e988-bd862e3fe1be46a99427279`,
    `Root=1-5759e988-bd862e3fe1be46a9942727931`,
    `Root=1-5759e988bd862e3fe1be46a994272793`,
    `Root=1-5759e988_bd862e3fe1be46a994272793`,
    `Root=1-5759g988-bd862e3fe1be46a994272793`,
    `Root=1-00000000-000000000000000000000000`,
    `Root=${TRACE}`,
    `Root=${ROOT};Parent=${PARENT}\r\nx-evil: 1`,
    `Root=${ROOT};Note=\u00e9`,
    `Root=${ROOT};${'x'.repeat(8192)}`,
  ]
  for (const text of refused) t.equal(parseXRay(text), undefined, JSON.stringify(text.slice(0, 99)))
  const longest = `Root=${ROOT};${'x'.repeat(8192 - ROOT.length - 6)}`
  t.equal(longest.length, 8192)
  t.equal(parseXRay(longest)?.traceId, TRACE)
})

t.test(
  'extractXRay() gives the span that the header names, sampled only when it says so',
  async t => {
    const expected = { traceId: TRACE, spanId: PARENT, traceFlags: 1, traceState: undefined }
    t.strictSame(extractXRay(`Root=${ROOT};Parent=${PARENT};Sampled=1`), expected)
    for (const decision of [';Sampled=0', ';Sampled=?', ';Sampled=2', '']) {
      const unsampled = { ...expected, traceFlags: 0 }
      t.strictSame(extractXRay(`Root=${ROOT};Parent=${PARENT}${decision}`), unsampled, decision)
    }
    t.equal(extractXRay(`Root=${ROOT};Sampled=1`), undefined)
    t.equal(extractXRay('nonsense'), undefined)
  },
)

t.test('replaceParent() changes Parent and Sampled and no other byte', async t => {
  const span = 'aaaabbbbccccdddd'
  const cases: [text: string, expected: string][] = [
    [`Root=${ROOT};Parent=${PARENT};Sampled=1`, `Root=${ROOT};Parent=${span};Sampled=1`],
    [
      `Root=${ROOT};Parent=${PARENT};Sampled=0;Lineage=1:a87bd80c:0`,
      `Root=${ROOT};Parent=${span};Sampled=1;Lineage=1:a87bd80c:0`,
    ],
    [
      `Lineage=a87bd80c:1|68fd508a:5|c512fbe3:2; Sampled = ? ;Parent= ${PARENT} ; Root=${ROOT};;Self=x=y;`,
      `Lineage=a87bd80c:1|68fd508a:5|c512fbe3:2; Sampled = 1 ;Parent= ${span} ; Root=${ROOT};;Self=x=y;`,
    ],
    [`Root=${ROOT};Lineage=1:a:0`, `Root=${ROOT};Parent=${span};Sampled=1;Lineage=1:a:0`],
    [`Sampled=0;Root=${ROOT};Lineage=1:a:0`, `Sampled=1;Root=${ROOT};Parent=${span};Lineage=1:a:0`],
    [`Root=${ROOT};x=1;Parent=${PARENT};y=2`, `Root=${ROOT};x=1;Parent=${span};Sampled=1;y=2`],
    [`Root=${ROOT};Parent=;Sampled=`, `Root=${ROOT};Parent=${span};Sampled=1`],
    [
      `Parent=${PARENT};Root=${ROOT};Parent=1`,
      `Parent=${span};Root=${ROOT};Parent=${span};Sampled=1`,
    ],
  ]
  for (const [text, expected] of cases) t.equal(replaceParent(text, span, true), expected, text)
  t.equal(
    replaceParent(`Root=${ROOT};Parent=${PARENT};Sampled=1`, span, false),
    `Root=${ROOT};Parent=${span};Sampled=0`,
  )
  t.equal(replaceParent('Lineage=1:a87bd80c:0', span, true), undefined)
})

t.test('formatXRay() begins a header that parseXRay() reads', async t => {
  const context = { traceId: TRACE, spanId: PARENT, traceFlags: 1, traceState: undefined }
  t.equal(formatXRay(context), `Root=${ROOT};Parent=${PARENT};Sampled=1`)
  t.strictSame(extractXRay(formatXRay(context)), context)
  t.match(formatXRay({ ...context, traceFlags: 2 }), /;Sampled=0$/)
})

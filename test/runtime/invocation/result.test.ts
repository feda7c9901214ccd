import t from 'tap'
import { writeResult } from '../../../runtime/invocation/result.ts'

for (const [name, result, json] of [
  ['C60 nothing', undefined, 'null'],
  ['null', null, 'null'],
  ['C56 an object', { a: 1 }, '{"a":1}'],
  ['a list', [1, undefined, () => 1], '[1,null,null]'],
  ['an empty text', '', '""'],
  ['a text that is JSON', '{"a":1}', '"{\\"a\\":1}"'],
  ['C76 text beyond ASCII', 'é⚡', '"é⚡"'],
  ['a lone surrogate', '\ud800', '"\\ud800"'],
  ['false', false, 'false'],
  ['zero', -0, '0'],
  ['C76 NaN', Number.NaN, 'null'],
  ['Infinity', Number.POSITIVE_INFINITY, 'null'],
  ['C76 a Buffer', Buffer.from('a'), '{"type":"Buffer","data":[97]}'],
  ['C76 a Map', new Map([[1, 2]]), '{}'],
  ['C76 a Date', new Date(0), '"1970-01-01T00:00:00.000Z"'],
  ['a toJSON', { toJSON: () => ({ b: 2 }) }, '{"b":2}'],
  ['an error', Object.assign(new Error('m'), { code: 'C' }), '{"code":"C"}'],
  ['a member that JSON leaves out', { a: undefined, b: Symbol('s') }, '{}'],
] as const) {
  t.test(`${name} is sent as ${json}`, async t => {
    t.equal(writeResult(result), json)
  })
}

const cycle: { self?: unknown } = {}
cycle.self = cycle
const cause = new Error('no')

for (const [name, result, expected] of [
  ['C77 a function', () => 1, undefined],
  ['C77 a symbol', Symbol('s'), undefined],
  ['a toJSON that gives nothing', { toJSON: () => undefined }, undefined],
  ['C78 a cycle', cycle, { name: 'TypeError' }],
  ['C78 a BigInt', 1n, { name: 'TypeError' }],
  ['a BigInt inside', { a: [1n] }, { name: 'TypeError' }],
  [
    'C78 a toJSON that throws',
    {
      toJSON() {
        throw cause
      },
    },
    cause,
  ],
] as const) {
  t.test(`${name} cannot be sent`, async t => {
    t.throws(() => writeResult(result), {
      name: 'Runtime.JSONStringifyError',
      code: 'RESULT_NOT_JSON',
      message: 'Unable to stringify response body',
      cause: expected,
    })
  })
}

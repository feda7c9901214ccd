// C132-C135: lines to the byte, in both formats.
import t from 'tap'
import { formatJsonLine, formatTextLine, type LineContext } from '../../../runtime/logs/line.ts'
import { HOSTILE } from '../failure/hostile.ts'

const CONTEXT: LineContext = {
  timestamp: '2024-01-02T03:04:05.678Z',
  level: 'INFO',
  requestId: 'req-0',
  tenantId: undefined,
}
const TEXT_HEAD = '2024-01-02T03:04:05.678Z\treq-0\tINFO\t'
const JSON_HEAD = '{"timestamp":"2024-01-02T03:04:05.678Z","level":"INFO","requestId":"req-0"'

/** An error whose stack does not depend on where it was made. */
function fixedError<T extends Error>(error: T): T {
  error.stack = `${error.name}: ${error.message}\n    at fn (/var/task/a.js:1:2)`
  return error
}

for (const [args, message] of [
  [['plain'], 'plain'],
  [[], 'undefined'],
  [[undefined], 'undefined'],
  [[''], ''],
  [['fmt %s %d %j', 'a', 1, { x: 1 }], 'fmt a 1 {"x":1}'],
  [['100%', 'more'], '100% more'],
  [['a', 1, null, true], 'a 1 null true'],
  [[{ a: { b: { c: { d: 1 } } } }], '{ a: { b: { c: [Object] } } }'],
  [['m\nl'], 'm\rl'],
  [['a\r\nb\n'], 'a\r\rb\r'],
  [['tab\there'], 'tab\there'],
  [['é⚡'], 'é⚡'],
  [[Symbol('s')], 'Symbol(s)'],
  [[10n], '10n'],
] as const) {
  t.test(`text: ${JSON.stringify(args.map(String))} is ${JSON.stringify(message)}`, async t => {
    t.equal(formatTextLine(CONTEXT, args), `${TEXT_HEAD}${message}`)
  })
}

t.test('text: an error is its stack, on one line', async t => {
  const error = fixedError(new TypeError('boom'))
  t.equal(
    formatTextLine({ ...CONTEXT, level: 'ERROR' }, ['failed:', error]),
    '2024-01-02T03:04:05.678Z\treq-0\tERROR\tfailed: TypeError: boom\r    at fn (/var/task/a.js:1:2)',
  )
})

t.test('text: the tenant is not in the line', async t => {
  t.equal(formatTextLine({ ...CONTEXT, tenantId: 'blue' }, ['m']), `${TEXT_HEAD}m`)
})

const ERROR_FIELDS =
  '"errorType":"TypeError","errorMessage":"boom","stackTrace":["TypeError: boom","    at fn (/var/task/a.js:1:2)"]'
const boom = fixedError(new TypeError('boom'))
const cyclic: { name: string; self?: unknown } = { name: 'c' }
cyclic.self = cyclic

for (const [name, args, rest] of [
  ['C134 a text', ['p'], ',"message":"p"}'],
  ['C134 an object', [{ a: 1, b: [{}] }], ',"message":{"a":1,"b":[{}]}}'],
  ['C134 undefined', [undefined], '}'],
  ['a symbol', [Symbol('s')], '}'],
  ['a function', [() => 1], '}'],
  ['nothing', [], ',"message":""}'],
  ['null', [null], ',"message":null}'],
  ['a number', [1.5], ',"message":1.5}'],
  ['newlines and quotes', ['a\n"b"\r\t\\'], ',"message":"a\\n\\"b\\"\\r\\t\\\\"}'],
  ['a lone surrogate', ['\ud800'], ',"message":"\\ud800"}'],
  ['C134 an error', [boom], `,"message":{${ERROR_FIELDS}}}`],
  [
    'an error with properties of its own',
    [fixedError(Object.assign(new TypeError('boom'), { code: 'E1', detail: { a: 1 } }))],
    `,"message":{${ERROR_FIELDS},"code":"E1","detail":{"a":1}}}`,
  ],
  ['an error inside', [{ at: 1, error: boom }], `,"message":{"at":1,"error":{${ERROR_FIELDS}}}}`],
  [
    'C134 a text and an error',
    ['e', boom],
    `,"message":"e TypeError: boom\\n    at fn (/var/task/a.js:1:2)",${ERROR_FIELDS}}`,
  ],
  ['several', ['a %s', 'b', { c: 1 }], ',"message":"a b { c: 1 }"}'],
  ['a cycle', [cyclic], `,"message":"<ref *1> { name: 'c', self: [Circular *1] }"}`],
  ['a BigInt', [10n], ',"message":"10n"}'],
  [
    'a toJSON that throws',
    [
      {
        a: 1,
        toJSON() {
          throw new Error('no')
        },
      },
    ],
    ',"message":"{ a: 1, toJSON: [Function: toJSON] }"}',
  ],
] as const) {
  t.test(`JSON: ${name}`, async t => {
    t.equal(formatJsonLine(CONTEXT, args), `${JSON_HEAD}${rest}`)
  })
}

t.test('JSON: of several errors the first after the first argument is spelled out', async t => {
  const other = fixedError(new RangeError('other'))
  const { errorType, errorMessage } = JSON.parse(
    formatJsonLine(CONTEXT, [other, 'and', boom, other]),
  )
  t.equal(errorType, 'TypeError')
  t.equal(errorMessage, 'boom')
  t.notOk('errorType' in JSON.parse(formatJsonLine(CONTEXT, [boom, 'text'])))
})

t.test("JSON: errorType is the constructor's name, as AWS has it", async t => {
  class Custom extends Error {
    override name = 'Renamed'
  }
  const error = fixedError(new Custom('c'))
  t.equal(JSON.parse(formatJsonLine(CONTEXT, [error])).message.errorType, 'Custom')
  t.equal(JSON.parse(formatJsonLine(CONTEXT, ['x', error])).errorType, 'Custom')
})

t.test('C135 JSON: the tenant stands after the request id', async t => {
  t.equal(
    formatJsonLine({ ...CONTEXT, tenantId: 'blue' }, ['m']),
    `${JSON_HEAD},"tenantId":"blue","message":"m"}`,
  )
})

for (const [name, value] of Object.entries(HOSTILE)) {
  for (const [how, args] of [
    ['alone', [value]],
    ['beside a text', ['text', value]],
    ['inside', [{ value }]],
  ] as const) {
    t.test(`${name} ${how} cannot break a line`, async t => {
      const text = formatTextLine(CONTEXT, args)
      t.ok(text.startsWith(TEXT_HEAD))
      t.notMatch(text, /\n/)
      const json = formatJsonLine(CONTEXT, args)
      t.notMatch(json, /\n/)
      t.match(JSON.parse(json), { timestamp: CONTEXT.timestamp, level: 'INFO', requestId: 'req-0' })
    })
  }
}

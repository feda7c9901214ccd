// C82-C92: what the caller is told of whatever was thrown.
import { runInNewContext } from 'node:vm'
import t from 'tap'
import {
  describeError,
  type ErrorDescription,
  isErrorLike,
} from '../../../runtime/failure/describe-error.ts'
import { HOSTILE } from './hostile.ts'

const UNREADABLE =
  'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack'

class CustomError extends Error {
  override name = 'CustomError'
  readonly extra = 1
}

function withoutStack(): Error {
  const error = new Error('ns')
  delete error.stack
  return error
}

function withThrowing(key: string): Error {
  return Object.defineProperty(new Error('m'), key, {
    get() {
      throw new Error('getter')
    },
  })
}

const THROWN: readonly (readonly [name: string, thrown: unknown, expected: ErrorDescription])[] = [
  ['C84 a text', 'str', { errorType: 'string', errorMessage: 'str', trace: [] }],
  ['an empty text', '', { errorType: 'string', errorMessage: '', trace: [] }],
  ['C85 undefined', undefined, { errorType: 'undefined', errorMessage: 'undefined', trace: [] }],
  ['C86 null', null, { errorType: 'object', errorMessage: 'null', trace: [] }],
  ['C87 a number', 42, { errorType: 'number', errorMessage: '42', trace: [] }],
  ['a BigInt', 42n, { errorType: 'bigint', errorMessage: '42', trace: [] }],
  ['a boolean', false, { errorType: 'boolean', errorMessage: 'false', trace: [] }],
  ['a symbol', Symbol('s'), { errorType: 'symbol', errorMessage: 'Symbol(s)', trace: [] }],
  ['a list', [1, [2]], { errorType: 'object', errorMessage: '1,2', trace: [] }],
  ['an object', { a: 1 }, { errorType: 'object', errorMessage: '[object Object]', trace: [] }],
  [
    'C88 an object with a toString',
    { toString: () => 'TS' },
    { errorType: 'object', errorMessage: 'TS', trace: [] },
  ],
  [
    'C89 what has name, message and stack',
    { name: 'N', message: 'M', stack: 'S\n at x' },
    { errorType: 'N', errorMessage: 'M', trace: ['S', ' at x'] },
  ],
  [
    'what has only name and message',
    { name: 'N', message: 'M' },
    { errorType: 'object', errorMessage: '[object Object]', trace: [] },
  ],
  [
    'C91 an error with a message that throws',
    withThrowing('message'),
    { errorType: 'handled', errorMessage: UNREADABLE, trace: [] },
  ],
  [
    'an error with a name that throws',
    withThrowing('name'),
    { errorType: 'handled', errorMessage: UNREADABLE, trace: [] },
  ],
  [
    'C92 an error without a stack',
    withoutStack(),
    { errorType: 'Error', errorMessage: 'ns', trace: [] },
  ],
  [
    'an error with a stack of its own',
    Object.assign(new Error('m'), { stack: 'one\r\ntwo\n' }),
    { errorType: 'Error', errorMessage: 'm', trace: ['one\r', 'two', ''] },
  ],
]

for (const [name, thrown, expected] of THROWN) {
  t.test(`${name} is described as ${expected.errorType}: ${expected.errorMessage}`, async t => {
    t.strictSame(describeError(thrown), expected)
  })
}

t.test('C82 an error: three keys, and the stack by lines, its own line first', async t => {
  const error = new TypeError('boom')
  const description = describeError(error)
  t.strictSame(Object.keys(description), ['errorType', 'errorMessage', 'trace'])
  t.match(description, { errorType: 'TypeError', errorMessage: 'boom' })
  t.equal(description.trace[0], 'TypeError: boom')
  t.match(description.trace[1], /^ {4}at .*describe-error\.test\.ts:/)
  t.equal(description.trace.join('\n'), error.stack)
})

t.test('an error of a class of its own has its name; nothing else of it is told', async t => {
  const description = describeError(new CustomError('c', { cause: new Error('secret') }))
  t.match(description, { errorType: 'CustomError', errorMessage: 'c' })
  t.notMatch(JSON.stringify(description), /extra|secret/)
})

t.test('C83 DEL is written as %7F everywhere, other characters stay', async t => {
  const error = Object.assign(new Error('⚡ \x7f \n l2'), { name: 'N\x7f' })
  error.stack = `N: ${error.message}\n    at a\x7fb`
  t.strictSame(describeError(error), {
    errorType: 'N%7F',
    errorMessage: '⚡ %7F \n l2',
    trace: ['N: ⚡ %7F ', ' l2', '    at a%7Fb'],
  })
  t.equal(describeError('\x7f\x7f').errorMessage, '%7F%7F')
})

t.test('C90 an error of another realm is an error', async t => {
  const description = describeError(runInNewContext('new RangeError("vm")'))
  t.match(description, { errorType: 'RangeError', errorMessage: 'vm' })
  t.equal(description.trace[0], 'RangeError: vm')
})

for (const [name, thrown] of Object.entries(HOSTILE)) {
  t.test(`${name} cannot break its description`, async t => {
    const { errorType, errorMessage, trace } = describeError(thrown)
    t.strictSame([typeof errorType, typeof errorMessage], ['string', 'string'])
    t.ok(trace.every(line => typeof line === 'string'))
    t.notMatch(errorType + errorMessage, /\x7f/)
  })

  t.test(`${name} can be asked whether it is an error`, async t => {
    t.type(isErrorLike(thrown), 'boolean')
  })
}

// C98 C99: the runtime's own error lines, on which users' filters match.
import t from 'tap'
import { UnhandledPromiseRejectionError } from '../../../runtime/errors.ts'
import { type FailureTitle, logFailure } from '../../../runtime/logs/failure-log.ts'
import type { LogFormat } from '../../../runtime/logs/levels.ts'
import { formatTextLine } from '../../../runtime/logs/line.ts'
import { createLogger } from '../../../runtime/logs/logger.ts'
import { HOSTILE } from '../failure/hostile.ts'

function logged(format: LogFormat, thrown: unknown, title: FailureTitle = 'Invoke Error'): string {
  const lines: string[] = []
  const logger = createLogger({
    format,
    threshold: 'TRACE',
    scope: () => ({ requestId: 'req-0', tenantId: undefined }),
    sink: { formatText: formatTextLine, write: line => void lines.push(line) },
    now: () => new Date(0),
  })
  logFailure(logger, title, thrown)
  return lines.join('\n')
}

/** The JSON behind the title of a text line. */
function parseText(line: string) {
  return JSON.parse(line.slice(line.lastIndexOf('\t') + 1))
}

function fixedError<T extends Error>(error: T): T {
  error.stack = `${error.name}: ${error.message}\n    at fn (/var/task/a.js:1:2)`
  return error
}

const HEAD = '1970-01-01T00:00:00.000Z\treq-0\tERROR\t'
const STACK = '"stack":["TypeError: boom","    at fn (/var/task/a.js:1:2)"]'

t.test('C98 text: title, a blank, a tab, and the error with its own properties', async t => {
  const error = Object.assign(new TypeError('boom'), { code: 'E_CODE', extra: { a: 1 } })
  t.equal(
    logged('text', fixedError(error)),
    `${HEAD}Invoke Error \t{"errorType":"TypeError","errorMessage":"boom","code":"E_CODE","extra":{"a":1},${STACK}}`,
  )
})

t.test('text: a code that is not listed is told all the same', async t => {
  const error = Object.defineProperty(new TypeError('boom'), 'code', { value: 'HIDDEN' })
  t.equal(
    logged('text', fixedError(error)),
    `${HEAD}Invoke Error \t{"errorType":"TypeError","errorMessage":"boom","code":"HIDDEN",${STACK}}`,
  )
})

for (const title of [
  'Invoke Error',
  'Init Error',
  'Uncaught Exception',
  'Unhandled Promise Rejection',
] as const) {
  t.test(`text: the title ${title}`, async t => {
    t.ok(logged('text', new Error('m'), title).startsWith(`${HEAD}${title} \t{"errorType":"Error"`))
  })
}

t.test('C98 JSON: the error is the message', async t => {
  const error = Object.assign(new TypeError('boom'), { code: 'E_CODE' })
  t.strictSame(JSON.parse(logged('json', fixedError(error))), {
    timestamp: '1970-01-01T00:00:00.000Z',
    level: 'ERROR',
    requestId: 'req-0',
    message: {
      errorType: 'TypeError',
      errorMessage: 'boom',
      stackTrace: ['TypeError: boom', '    at fn (/var/task/a.js:1:2)'],
      code: 'E_CODE',
    },
  })
})

for (const [name, thrown, message] of [
  ['a text', 'str', 'str'],
  ['undefined', undefined, 'undefined'],
  ['null', null, 'null'],
  ['an object', { toString: () => 'TS' }, 'TS'],
] as const) {
  t.test(`${name} is logged as an error of that text`, async t => {
    t.match(parseText(logged('text', thrown)), { errorType: 'Error', errorMessage: message })
    t.match(JSON.parse(logged('json', thrown)), { message: { errorMessage: message } })
  })
}

t.test('C99 an error that holds itself is told without its properties', async t => {
  const error: Error & { self?: unknown; code?: string } = fixedError(new TypeError('boom'))
  error.self = error
  error.code = 'E'
  t.equal(
    logged('text', error),
    `${HEAD}Invoke Error \t{"errorType":"TypeError","errorMessage":"boom","trace":["TypeError: boom","    at fn (/var/task/a.js:1:2)"]}`,
  )
})

t.test('an error among the properties is told with its stack', async t => {
  const error = Object.assign(new Error('outer'), { original: fixedError(new TypeError('boom')) })
  t.match(parseText(logged('text', error)), {
    errorMessage: 'outer',
    original: {
      errorType: 'TypeError',
      errorMessage: 'boom',
      stack: ['TypeError: boom', '    at fn (/var/task/a.js:1:2)'],
    },
  })
})

t.test('C100 an unhandled rejection tells its reason', async t => {
  const promise = Promise.resolve()
  const reason = fixedError(new TypeError('boom'))
  const error = new UnhandledPromiseRejectionError(reason, promise)
  t.match(parseText(logged('text', error, 'Unhandled Promise Rejection')), {
    errorType: 'Runtime.UnhandledPromiseRejection',
    errorMessage: 'TypeError: boom',
    reason: { errorType: 'TypeError', errorMessage: 'boom' },
    promise: {},
  })
})

t.test('a failure is one line, whatever its message', async t => {
  const error = new Error('a\nb\r\nc')
  for (const format of ['text', 'json'] as const) t.notMatch(logged(format, error), /\n/)
})

for (const [name, thrown] of Object.entries(HOSTILE)) {
  t.test(`${name} cannot break its own line`, async t => {
    const text = logged('text', thrown)
    t.ok(text.startsWith(`${HEAD}Invoke Error \t{"errorType":`))
    t.notMatch(text, /\n/)
    t.match(JSON.parse(logged('json', thrown)), { level: 'ERROR', requestId: 'req-0' })
  })
}

// What is posted of a failure: a body that fits, and headers that no message can break.
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { NodeJsExitError } from '../../../runtime/errors.ts'
import {
  type ErrorReport,
  reportInitError,
  reportInvocationError,
} from '../../../runtime/failure/error-report.ts'
import { HOSTILE } from './hostile.ts'

const TYPE = 'Lambda-Runtime-Function-Error-Type'
const CAUSE = 'Lambda-Runtime-Function-XRay-Error-Cause'
const MAX_BODY_BYTES = 6 * 1024 * 1024
const MAX_CAUSE_BYTES = 64 * 1024

function named(name: string, message = 'm'): Error {
  return Object.assign(new Error(message), { name })
}

/** An error whose stack is its own line only, so that sizes can be counted. */
function withMessage(message: string): Error {
  const error = new Error(message)
  error.stack = ''
  return error
}

t.test('C82 the body is the description as JSON, the same for an invocation and init', async t => {
  const error = new TypeError('boom')
  const expected = {
    errorType: 'TypeError',
    errorMessage: 'boom',
    trace: error.stack?.split('\n'),
  }
  t.strictSame(JSON.parse(reportInvocationError(error).body), expected)
  t.strictSame(JSON.parse(reportInitError(error).body), expected)
  t.equal(reportInvocationError(error).errorType, 'TypeError')
  t.equal(reportInitError(error).errorType, 'TypeError')
})

for (const [name, type] of [
  ['TypeError', 'Function.Unhandled'],
  ['Runtime.NodeJsExit', 'Runtime.NodeJsExit'],
  ['Function.Foo', 'Function.Foo'],
  // The platform looks for the pattern anywhere in the text.
  ['My.Runtime.Foo', 'My.Runtime.Foo'],
  ['Runtime.lower', 'Function.Unhandled'],
  ['Runtime.F', 'Function.Unhandled'],
  ['Runtime.', 'Function.Unhandled'],
  ['Runtime.Foo Bar', 'Function.Unhandled'],
  ['Runtime.Foo\r\nX-Evil: 1', 'Function.Unhandled'],
  ['Runtime.FooОшибка', 'Function.Unhandled'],
  [`Runtime.${'A'.repeat(248)}`, `Runtime.${'A'.repeat(248)}`],
  [`Runtime.${'A'.repeat(249)}`, 'Function.Unhandled'],
  ['', 'Function.Unhandled'],
] as const) {
  t.test(
    `C95 an invocation error called ${JSON.stringify(name).slice(0, 40)} has the type ${type.slice(0, 40)}`,
    async t => {
      t.equal(reportInvocationError(named(name)).headers[TYPE], type)
      t.equal(
        JSON.parse(reportInvocationError(named(name)).body).errorType,
        name,
        'the body has all',
      )
    },
  )
}

for (const [name, type] of [
  ['TypeError', 'TypeError'],
  ['Runtime.ImportModuleError', 'Runtime.ImportModuleError'],
  ['Ошибка', 'Error'],
  ['A B', 'Error'],
  ['A\nB', 'Error'],
  ['A\x7fB', 'A%7FB'],
  ['', 'Error'],
  ['x'.repeat(256), 'x'.repeat(256)],
  ['x'.repeat(257), 'Error'],
] as const) {
  t.test(
    `C96 an init error called ${JSON.stringify(name).slice(0, 40)} has the type ${type.slice(0, 40)}`,
    async t => {
      const { headers } = reportInitError(named(name))
      t.strictSame(headers, { [TYPE]: type }, 'and there is no cause for X-Ray at init')
    },
  )
}

t.test("the runtime's own errors keep their names", async t => {
  const { headers, errorType } = reportInvocationError(new NodeJsExitError())
  t.equal(errorType, 'Runtime.NodeJsExit')
  t.equal(headers[TYPE], 'Runtime.NodeJsExit')
})

t.test(
  'C94 the cause is there for errors and for other values, not for undefined and null',
  async t => {
    t.match(JSON.parse(reportInvocationError(new Error('m')).headers[CAUSE] ?? ''), {
      exceptions: [{ type: 'Error', message: 'm' }],
    })
    t.strictSame(JSON.parse(reportInvocationError('str').headers[CAUSE] ?? ''), {
      working_directory: process.cwd(),
      exceptions: [{ stack: [] }],
      paths: [],
    })
    t.notOk(CAUSE in reportInvocationError(undefined).headers)
    t.notOk(CAUSE in reportInvocationError(null).headers)
  },
)

t.test('a body of 6 MiB goes out whole, one byte more without its stack', async t => {
  const overhead = Buffer.byteLength(reportInvocationError(withMessage('')).body)
  const fits = 'é'.repeat((MAX_BODY_BYTES - overhead) >> 1).padEnd(1)
  const rest = MAX_BODY_BYTES - overhead - Buffer.byteLength(fits)
  const whole = reportInvocationError(withMessage(fits + 'x'.repeat(rest))).body
  t.equal(Buffer.byteLength(whole), MAX_BODY_BYTES)
  t.strictSame(JSON.parse(whole).trace, [''])

  const cut = JSON.parse(reportInvocationError(withMessage(`${fits}${'x'.repeat(rest + 1)}`)).body)
  t.strictSame(cut, { errorType: 'Error', errorMessage: fits.slice(0, 1_000_000), trace: [] })
})

for (const [name, character, bytes] of [
  ['ASCII', 'x', 1],
  ['quotes', '"', 2],
  ['controls', '\x01', 6],
  ['lone surrogates', '\ud800', 6],
  ['three-byte characters', '⚡', 3],
  ['four-byte characters', '😀', 4],
  ['DEL', '\x7f', 3],
  ['newlines', '\n', 2],
] as const) {
  t.test(`C144 a text above 6 MiB of ${name} still makes a report that fits`, async t => {
    const long = character.repeat(MAX_BODY_BYTES / bytes + 1)
    const stack = Object.assign(new Error('m'), { stack: long })
    for (const thrown of [new Error(long), named(long), stack, long]) {
      expectFits(t, reportInvocationError(thrown))
    }
    expectFits(t, reportInitError(named(long)))
  })
}

for (const [name, thrown] of Object.entries(HOSTILE)) {
  t.test(`${name} cannot break its report`, async t => {
    expectFits(t, reportInvocationError(thrown))
    expectFits(t, reportInitError(thrown))
  })
}

t.test('a working directory that is gone does not break the report', async t => {
  const before = process.cwd()
  const gone = mkdtempSync(join(tmpdir(), 'baton-test-'))
  process.chdir(gone)
  t.teardown(() => process.chdir(before))
  rmdirSync(gone)
  const { body } = reportInvocationError(new Error('still told'))
  t.equal(JSON.parse(body).errorMessage, 'still told')
})

function expectFits(t: Test, { body, headers }: ErrorReport): void {
  const { errorType, errorMessage, trace } = JSON.parse(body)
  t.strictSame(
    [typeof errorType, typeof errorMessage, Array.isArray(trace)],
    ['string', 'string', true],
  )
  t.ok(Buffer.byteLength(body) <= MAX_BODY_BYTES, `a body of ${Buffer.byteLength(body)} bytes`)
  for (const value of Object.values(headers)) t.match(value, /^[\x20-\x7e]+$/)
  t.ok((headers[CAUSE] ?? '').length <= MAX_CAUSE_BYTES)
  t.ok((headers[TYPE] ?? '').length <= 256)
}

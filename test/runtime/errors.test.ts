// Names are what users' alarms match on, codes are what ours do.
import t from 'tap'
import {
  ConfigError,
  ConnectionError,
  HandlerNotFoundError,
  ImportModuleError,
  InvalidInvocationError,
  JsonStringifyError,
  MalformedHandlerNameError,
  NodeJsExitError,
  ResponsePostError,
  RuntimeApiError,
  RuntimeError,
  UnhandledPromiseRejectionError,
  UserCodeSyntaxError,
} from '../../runtime/errors.ts'
import { HOSTILE } from './failure/hostile.ts'

const syntaxError = new SyntaxError('Unexpected end of input')
const missing = new Error("Cannot find module 'x'")

const ERRORS: readonly (readonly [RuntimeError, name: string, code: string, message: string])[] = [
  [new ConfigError(['a', 'b']), 'PlatformError', 'CONFIG_INVALID', 'a; b'],
  [new InvalidInvocationError('m'), 'PlatformError', 'INVOCATION_INVALID', 'm'],
  [
    new RuntimeApiError('next', 403, 'no'),
    'ApiError',
    'RUNTIME_API_STATUS',
    'next: expected a 2xx from the Runtime API, got 403 no',
  ],
  [new ConnectionError('CONNECTION_CLOSED', 'm'), 'ApiError', 'CONNECTION_CLOSED', 'm'],
  [new MalformedHandlerNameError('m'), 'MalformedHandlerName', 'HANDLER_NAME_MALFORMED', 'm'],
  [
    new ImportModuleError(missing),
    'ImportModuleError',
    'HANDLER_MODULE_NOT_FOUND',
    "Error: Cannot find module 'x'",
  ],
  [new HandlerNotFoundError('m'), 'HandlerNotFound', 'HANDLER_NOT_FOUND', 'm'],
  [
    new UserCodeSyntaxError(syntaxError),
    'UserCodeSyntaxError',
    'HANDLER_SYNTAX',
    'SyntaxError: Unexpected end of input',
  ],
  [
    new JsonStringifyError(),
    'JSONStringifyError',
    'RESULT_NOT_JSON',
    'Unable to stringify response body',
  ],
  [
    new UnhandledPromiseRejectionError('reason', Promise.resolve()),
    'UnhandledPromiseRejection',
    'REJECTION_UNHANDLED',
    'reason',
  ],
  [
    new ResponsePostError(missing),
    'ResponsePostFailed',
    'RESPONSE_POST_FAILED',
    "the Runtime API did not take the answer: Error: Cannot find module 'x'",
  ],
]

for (const [error, name, code, message] of ERRORS) {
  t.test(`${error.constructor.name} is Runtime.${name} with the code ${code}`, async t => {
    t.match(error, { name: `Runtime.${name}`, code, message })
    t.ok(error instanceof RuntimeError)
    t.notOk(
      Object.keys(error).some(key => key === 'name' || key === 'code'),
      'and lists neither',
    )
  })
}

t.test('NodeJsExitError has the words of AWS', async t => {
  const error = new NodeJsExitError()
  t.match(error, { name: 'Runtime.NodeJsExit', code: 'EVENT_LOOP_EMPTY' })
  t.match(error.message, /^The Lambda runtime client detected an unexpected Node\.js exit code\. /)
})

t.test('no two classes share a code', async t => {
  const codes = [...ERRORS.map(([, , code]) => code), new NodeJsExitError().code]
  t.equal(new Set(codes).size, codes.length)
})

t.test('the stack begins with name and message, and where it was made', async t => {
  const [first, second] = new HandlerNotFoundError('m').stack?.split('\n') ?? []
  t.equal(first, 'Runtime.HandlerNotFound: m')
  t.match(second, /errors\.test\.ts/)
})

t.test("C37 a syntax error keeps the original stack, which names the user's file", async t => {
  const error = new UserCodeSyntaxError(syntaxError)
  t.equal(error.stack, syntaxError.stack)
  t.equal(error.cause, syntaxError)
})

t.test('a connection is only called stale when it was', async t => {
  const cause = new Error('c')
  t.equal(new ConnectionError('CONNECTION_CLOSED', 'm').maybeStale, false)
  t.match(new ConnectionError('CONNECTION_CLOSED', 'm', true, cause), { maybeStale: true, cause })
  t.notOk('cause' in new ConnectionError('CONNECTION_CLOSED', 'm'))
})

for (const [name, reason] of Object.entries(HOSTILE)) {
  t.test(`${name} as a reason or a cause makes an error all the same`, async t => {
    t.type(new UnhandledPromiseRejectionError(reason, undefined).message, 'string')
    t.type(new ResponsePostError(reason).message, 'string')
  })
}

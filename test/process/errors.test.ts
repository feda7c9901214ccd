// C82-C99: a handler may throw anything at all; what the caller, the platform and the log are told of it.
import t from 'tap'
import { startFunction } from '../helpers/function.ts'

interface Throws {
  readonly name: string
  /** Body of the handler. */
  readonly code: string
  readonly type: string
  readonly message: string | RegExp
  readonly trace: readonly (string | RegExp)[]
}

const UNREADABLE =
  'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack'

const THROWS: readonly Throws[] = [
  { name: 'C84 a string', code: 'throw "str"', type: 'string', message: 'str', trace: [] },
  {
    name: 'C85 undefined',
    code: 'throw undefined',
    type: 'undefined',
    message: 'undefined',
    trace: [],
  },
  { name: 'C86 null', code: 'throw null', type: 'object', message: 'null', trace: [] },
  { name: 'C87 a number', code: 'throw 42', type: 'number', message: '42', trace: [] },
  {
    name: 'C88 an object with a toString',
    code: 'throw { toString: () => "TS" }',
    type: 'object',
    message: 'TS',
    trace: [],
  },
  {
    name: 'C89 what looks like an error',
    code: 'throw { name: "N", message: "M", stack: "S\\n at x" }',
    type: 'N',
    message: 'M',
    trace: ['S', ' at x'],
  },
  {
    name: 'C90 an error of another realm',
    code: 'throw require("vm").runInNewContext("new Error(\\"vm\\")")',
    type: 'Error',
    message: 'vm',
    trace: [/^Error: vm/],
  },
  {
    name: 'C91 a message that throws when it is read',
    code: 'const e = new Error("x"); Object.defineProperty(e, "message", { get() { throw 1 } }); throw e',
    type: 'handled',
    message: UNREADABLE,
    trace: [],
  },
  {
    name: 'C92 an error without a stack',
    code: 'const e = new Error("ns"); delete e.stack; throw e',
    type: 'Error',
    message: 'ns',
    trace: [],
  },
  { name: 'a symbol', code: 'throw Symbol("s")', type: 'symbol', message: 'Symbol(s)', trace: [] },
  { name: 'a BigInt', code: 'throw 1n', type: 'bigint', message: '1', trace: [] },
  {
    name: 'an object that has no text',
    code: 'throw Object.create(null)',
    type: 'handled',
    message: UNREADABLE,
    trace: [],
  },
  {
    name: 'a proxy that throws at everything',
    code: 'throw new Proxy({}, { get() { throw 1 }, has() { throw 1 }, getPrototypeOf() { throw 1 } })',
    type: 'handled',
    message: UNREADABLE,
    trace: [],
  },
  {
    name: 'a lone surrogate and a quote',
    code: 'throw new Error("\\ud800\\"")',
    type: 'Error',
    message: '\ud800"',
    trace: [/^Error: /],
  },
  {
    name: 'a rejection with a stack overflow',
    code: 'const f = () => f(); f()',
    type: 'RangeError',
    message: /call stack/,
    trace: [/^RangeError/],
  },
]

for (const { name, code, type, message, trace } of THROWS) {
  t.test(`${name} is told as ${type}, and the next event is served`, async t => {
    await using fn = await startFunction({
      files: {
        'index.js': `exports.handler = async event => { if (event.good) return 1; ${code} }`,
      },
      events: [{}, { good: true }],
    })
    await fn.answered(2)
    t.match(fn.api.posts, [{ operation: 'error' }, { operation: 'response', body: '1' }])
    const body = JSON.parse(fn.api.posts[0]?.body ?? '')
    t.strictSame(Object.keys(body), ['errorType', 'errorMessage', 'trace'])
    t.match(body, { errorType: type, errorMessage: message })
    t.match(body.trace, trace)
    if (trace.length === 0) t.strictSame(body.trace, [])
    t.match(fn.stdout(), /\treq-0\tERROR\tInvoke Error \t\{"errorType":/)
    t.equal(fn.stdout().trimEnd().split('\n').length, 1)
  })
}

t.test('C82 C93 C95 an error: body, error type header, X-Ray cause', async t => {
  await using fn = await startFunction({
    files: {
      'lib/boom.js': 'exports.boom = function boom() { throw new TypeError("boom") }',
      'index.js': 'const { boom } = require("./lib/boom.js"); exports.handler = async () => boom()',
    },
    events: [{}],
  })
  await fn.answered(1)
  const [post] = fn.api.posts
  const body = JSON.parse(post?.body ?? '')
  t.match(body, { errorType: 'TypeError', errorMessage: 'boom' })
  t.equal(body.trace[0], 'TypeError: boom')
  t.equal(post?.headers['lambda-runtime-function-error-type'], 'Function.Unhandled')
  const cause = JSON.parse(String(post?.headers['lambda-runtime-function-xray-error-cause']))
  t.match(cause, {
    working_directory: fn.directory,
    exceptions: [
      {
        type: 'TypeError',
        message: 'boom',
        stack: [{ path: `${fn.directory}/lib/boom.js`, line: 1, label: 'boom' }],
      },
    ],
  })
  t.equal(cause.paths[0], `${fn.directory}/lib/boom.js`)
})

t.test('C93 frames of ES modules have a path and a line', async t => {
  await using fn = await startFunction({
    files: { 'index.mjs': 'export const handler = async () => { throw new Error("esm") }' },
    events: [{}],
  })
  await fn.answered(1)
  const cause = JSON.parse(
    String(fn.api.posts[0]?.headers['lambda-runtime-function-xray-error-cause']),
  )
  t.match(cause.exceptions[0].stack[0], { path: `${fn.directory}/index.mjs`, line: 1 })
})

t.test('C94 X-Ray cause of what is no error', async t => {
  await using fn = await startFunction({
    files: { 'index.js': 'exports.handler = async e => { throw e.nothing ? undefined : "str" }' },
    events: [{}, { nothing: true }],
  })
  await fn.answered(2)
  const [text, nothing] = fn.api.posts
  t.match(JSON.parse(String(text?.headers['lambda-runtime-function-xray-error-cause'])), {
    exceptions: [{ stack: [] }],
  })
  t.notOk('lambda-runtime-function-xray-error-cause' in (nothing?.headers ?? {}))
})

t.test('C95 Runtime and Function types are passed on as the platform knows them', async t => {
  await using fn = await startFunction({
    files: {
      'index.js':
        'exports.handler = async type => { const e = new Error("x"); e.name = type; throw e }',
    },
    events: ['"Function.Mine"', '"Runtime.Mine"', '"Function.mine"', '"Function.Mine\\r\\nX: y"'],
  })
  await fn.answered(4)
  t.same(
    fn.api.posts.map(post => post.headers['lambda-runtime-function-error-type']),
    ['Function.Mine', 'Runtime.Mine', 'Function.Unhandled', 'Function.Unhandled'],
  )
})

t.test('C83 text beyond ASCII, DEL and newlines', async t => {
  await using fn = await startFunction({
    files: { 'index.js': 'exports.handler = async () => { throw new Error("⚡ \\x7f \\n l2") }' },
    events: [{}],
  })
  await fn.answered(1)
  const [post] = fn.api.posts
  const body = JSON.parse(post?.body ?? '')
  t.equal(body.errorMessage, '⚡ %7F \n l2')
  t.strictSame(body.trace.slice(0, 2), ['Error: ⚡ %7F ', ' l2'])
  const header = String(post?.headers['lambda-runtime-function-xray-error-cause'])
  t.match(header, /^[\x20-\x7e]+$/, 'the header is ASCII')
  t.equal(JSON.parse(header).exceptions[0].message, '⚡ %7F \n l2')
})

t.test('C98 C99 the log line holds code and own properties; a cyclic one falls back', async t => {
  await using fn = await startFunction({
    files: {
      'index.js': `exports.handler = async e => {
        const error = Object.assign(new Error("x"), { code: 'E_X', extra: { a: 1 } })
        if (e.cycle) error.self = error
        throw error
      }`,
    },
    events: [{}, { cycle: true }],
  })
  await fn.answered(2)
  const [plain, cyclic] = fn
    .stdout()
    .trimEnd()
    .split('\n')
    .map(line => line.split('\t'))
  t.match(plain?.slice(1, 4), ['req-0', 'ERROR', 'Invoke Error '])
  t.match(JSON.parse(plain?.[4] ?? ''), {
    errorType: 'Error',
    errorMessage: 'x',
    code: 'E_X',
    extra: { a: 1 },
    stack: [/^Error: x/],
  })
  t.strictSame(Object.keys(JSON.parse(cyclic?.[4] ?? '')), ['errorType', 'errorMessage', 'trace'])
})

t.test('C144 a message above 1 MB is delivered, and the handler ran once', async t => {
  await using fn = await startFunction({
    files: {
      'index.js':
        'exports.handler = async () => { console.log("ran"); throw new Error("x".repeat(1060000)) }',
    },
    events: [{}, {}],
  })
  await fn.answered(2)
  const [post] = fn.api.posts
  t.equal(JSON.parse(post?.body ?? '').errorMessage.length, 1_060_000)
  t.ok(String(post?.headers['lambda-runtime-function-xray-error-cause']).length <= 65_536)
  t.equal(fn.stdout().split('\tINFO\tran').length - 1, 2, 'once for each event')
})

t.test('a message above 6 MB is cut so that the platform takes it', async t => {
  await using fn = await startFunction({
    files: {
      'index.js': 'exports.handler = async () => { throw new Error("⚡".repeat(4000000)) }',
    },
    events: [{}],
  })
  await fn.answered(1)
  const body = fn.api.posts[0]?.body ?? ''
  t.ok(Buffer.byteLength(body) <= 6_291_556)
  t.match(JSON.parse(body), { errorType: 'Error', errorMessage: /^⚡{1000}/ })
})

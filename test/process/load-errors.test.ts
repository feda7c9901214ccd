// C7, C11-C38, C96, C107, C109: what is said when the handler cannot be loaded. One post, one log line, the exit code
// of AWS's runtimes.
import t from 'tap'
import { type FunctionOptions, NODE_MAJOR, startFunction } from '../helpers/function.ts'

const says = (what: string): string => `exports.handler = async () => '${what}'`
const exportsSay = (what: string): string => `export const handler = async () => '${what}'`
const MODULE = '{"type":"module"}'

interface Refuses {
  readonly name: string
  readonly files: Readonly<Record<string, string>>
  readonly handler?: string
  readonly type: string
  readonly message: string | RegExp
  /** Over the type itself, for types that no header can hold. */
  readonly header?: string
  /** The first line of the trace. */
  readonly trace?: RegExp
  readonly env?: FunctionOptions['env']
}

const MANAGED_FLAGS = {
  NODE_OPTIONS: '--no-experimental-require-module --no-experimental-detect-module',
}

const REFUSES: readonly Refuses[] = [
  {
    name: 'C11 no dot',
    files: {},
    handler: 'index',
    type: 'Runtime.MalformedHandlerName',
    message: 'Bad handler',
  },
  {
    name: 'C12 a path upwards',
    files: {},
    handler: '../index.handler',
    type: 'Runtime.MalformedHandlerName',
    message:
      "'../index.handler' is not a valid handler name. Use absolute paths when specifying root directories in handler names.",
  },
  {
    name: 'C12 two dots in the name',
    files: {},
    handler: 'index..handler',
    type: 'Runtime.MalformedHandlerName',
    message: /^'index\.\.handler' is not a valid handler name/,
  },
  {
    name: 'C16 a dot in the file name',
    files: { 'my.func.js': says('x') },
    handler: 'my.func.handler',
    type: 'Runtime.ImportModuleError',
    message: /^Error: Cannot find module 'my'/,
  },
  {
    name: 'C20 a path into a package',
    files: { 'node_modules/pkg/sub.js': says('pkg') },
    handler: 'pkg/sub.handler',
    type: 'Runtime.ImportModuleError',
    message: /^Error: Cannot find module 'sub'/,
  },
  {
    name: 'C21 ES module syntax with the flags of the managed runtimes',
    files: { 'index.js': exportsSay('x') },
    type: 'Runtime.UserCodeSyntaxError',
    message: "SyntaxError: Unexpected token 'export'",
    env: MANAGED_FLAGS,
  },
  {
    name: 'C24 CommonJS under type module',
    files: { 'index.js': says('x'), 'package.json': MODULE },
    type: 'ReferenceError',
    message: /^exports is not defined in ES module scope/,
  },
  {
    name: 'C28 a package.json that is not JSON',
    files: { 'index.js': says('x'), 'package.json': '{' },
    type: 'Error',
    message: /package config/,
  },
  {
    name: 'C30 TypeScript alone',
    files: { 'm.ts': exportsSay('x') },
    handler: 'm.handler',
    type: 'Runtime.ImportModuleError',
    message: /^Error: Cannot find module 'm'/,
  },
  {
    name: 'C32 no such export',
    files: { 'index.js': '' },
    type: 'Runtime.HandlerNotFound',
    message: 'index.handler is undefined or not exported',
  },
  {
    name: 'C32 an export that is 0',
    files: { 'index.js': 'exports.handler = 0' },
    type: 'Runtime.HandlerNotFound',
    message: 'index.handler is undefined or not exported',
  },
  {
    name: 'C33 an export that is no function',
    files: { 'index.js': 'exports.handler = "x"' },
    type: 'Runtime.HandlerNotFound',
    message: 'index.handler is not a function',
  },
  {
    name: 'C34 no such module',
    files: {},
    handler: 'nomod.handler',
    type: 'Runtime.ImportModuleError',
    message: /^Error: Cannot find module 'nomod'\nRequire stack:\n- /,
  },
  {
    name: 'C35 a module that requires one that is not there',
    files: { 'index.js': `require('nodep')` },
    type: 'Runtime.ImportModuleError',
    message: /^Error: Cannot find module 'nodep'\nRequire stack:\n- .*\/index\.js/,
  },
  {
    name: 'C36 an ES module that imports one that is not there keeps its own error',
    files: { 'index.mjs': `import 'nodep'` },
    type: 'Error',
    message: /^Cannot find package 'nodep' imported from .*\/index\.mjs/,
  },
  {
    name: 'C37 code that does not parse names its file and line',
    files: { 'index.js': 'exports.handler=async()=>{' },
    type: 'Runtime.UserCodeSyntaxError',
    message: 'SyntaxError: Unexpected end of input',
    trace: /\/index\.js:1$/,
  },
  {
    name: 'C38 a module that throws',
    files: { 'index.js': 'throw new Error("i")' },
    type: 'Error',
    message: 'i',
  },
  {
    name: 'C38 a module that throws a string',
    files: { 'index.js': 'throw "s"' },
    type: 'string',
    message: 's',
  },
  {
    name: 'C38 a top-level await that rejects',
    files: { 'index.mjs': 'await Promise.reject(new RangeError("tla"))' },
    type: 'RangeError',
    message: 'tla',
  },
  {
    name: 'C96 an error whose name no header can hold',
    files: { 'index.js': 'const e = new Error("i"); e.name = "Ошибка"; throw e' },
    type: 'Ошибка',
    message: 'i',
    header: 'Error',
  },
  {
    name: 'C107 a top-level await that never settles',
    files: { 'index.mjs': 'await new Promise(() => {})' },
    type: 'Runtime.NodeJsExit',
    message: /Promise that was never settled/,
  },
]

/** AWS's runtimes ended with 129 before Node 24. */
const INIT_EXIT_CODE = NODE_MAJOR < 24 ? 129 : 1

for (const refusal of REFUSES) {
  t.test(`${refusal.name}: ${refusal.type}`, async t => {
    await using fn = await startFunction({
      files: refusal.files,
      ...(refusal.handler && { handler: refusal.handler }),
      ...(refusal.env && { env: refusal.env }),
    })
    const { code } = await fn.exit
    t.equal(code, refusal.name.startsWith('C107') ? 13 : INIT_EXIT_CODE)
    t.equal(fn.api.posts.length, 1, 'one init error')
    t.equal(fn.api.nexts.length, 0, 'no event was asked for')
    const [post] = fn.api.posts
    t.match(post, {
      operation: 'init/error',
      headers: {
        'content-type': 'application/json',
        'lambda-runtime-function-error-type': refusal.header ?? refusal.type,
      },
    })
    const body = JSON.parse(post?.body ?? '')
    t.strictSame(Object.keys(body), ['errorType', 'errorMessage', 'trace'])
    t.match(body, { errorType: refusal.type, errorMessage: refusal.message })
    if (refusal.trace !== undefined) t.match(body.trace[0], refusal.trace)
    const lines = fn.stdout().trimEnd().split('\n')
    t.match(lines.at(-1), /^\d{4}-\d\d-\d\dT[\d:.]+Z\t-\tERROR\tInit Error \t\{"errorType":/)
    t.equal(fn.stdout().split('Init Error').length, 2, 'said once')
    t.equal(fn.stderr(), '')
  })
}

for (const [value, expected] of [
  [undefined, /AWS_LAMBDA_RUNTIME_API: expected host:port, got nothing/],
  ['localhost', /AWS_LAMBDA_RUNTIME_API: expected host:port, got "localhost"/],
  ['localhost:99999', /AWS_LAMBDA_RUNTIME_API: expected host:port, got "localhost:99999"/],
] as const) {
  t.test(`C7 AWS_LAMBDA_RUNTIME_API=${value}: one clear line, no request, exit 1`, async t => {
    await using fn = await startFunction({
      files: { 'index.js': says('x') },
      env: { AWS_LAMBDA_RUNTIME_API: value },
    })
    t.equal((await fn.exit).code, 1)
    t.match(fn.stderr(), expected)
    t.equal(fn.stderr().trimEnd().split('\n').length, 1)
    t.equal(fn.api.posts.length + fn.api.nexts.length, 0)
  })
}

t.test('C109 process.exit in the module body ends without a post', async t => {
  await using fn = await startFunction({ files: { 'index.js': 'process.exit(0)' } })
  t.equal((await fn.exit).code, 0)
  t.equal(fn.api.posts.length, 0)
})

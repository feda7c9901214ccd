// C8-C31: how the handler is named, found and loaded.
import t from 'tap'
import { NODE_MAJOR, startFunction } from '../helpers/function.ts'

interface Loads {
  readonly name: string
  readonly files: Readonly<Record<string, string>>
  readonly handler?: string
  /** What the handler answers. */
  readonly answer: unknown
}

const says = (what: string): string => `exports.handler = async () => '${what}'`
const exportsSay = (what: string): string => `export const handler = async () => '${what}'`
const MODULE = '{"type":"module"}'

const LOADS: Loads[] = [
  {
    name: 'C13 a path',
    files: { 'src/app/m.js': says('path') },
    handler: 'src/app/m.handler',
    answer: 'path',
  },
  {
    name: 'C13 a path with ./',
    files: { 'src/m.js': says('dot') },
    handler: './src/m.handler',
    answer: 'dot',
  },
  {
    name: 'C15 an export path',
    files: { 'm.js': `exports.a = { b: { c: async () => 'deep' } }` },
    handler: 'm.a.b.c',
    answer: 'deep',
  },
  {
    name: 'C17 a file without extension comes first',
    files: { m: says('bare'), 'm.js': says('js'), 'm.mjs': exportsSay('mjs') },
    handler: 'm.handler',
    answer: 'bare',
  },
  {
    name: 'C18 .js before .mjs',
    files: { 'm.js': says('js'), 'm.mjs': exportsSay('mjs') },
    handler: 'm.handler',
    answer: 'js',
  },
  {
    name: 'C18 .mjs before .cjs',
    files: { 'm.mjs': exportsSay('mjs'), 'm.cjs': says('cjs') },
    handler: 'm.handler',
    answer: 'mjs',
  },
  { name: 'C18 .cjs alone', files: { 'm.cjs': says('cjs') }, handler: 'm.handler', answer: 'cjs' },
  {
    name: 'C19 a folder with an index',
    files: { 'm/index.js': says('index') },
    handler: 'm.handler',
    answer: 'index',
  },
  {
    name: 'C19 a file beside a folder of its name',
    files: { 'm/index.js': says('index'), 'm.js': says('js') },
    handler: 'm.handler',
    answer: 'js',
  },
  {
    name: 'C19 an ES module beside a folder of its name',
    files: { 'm/other.js': '', 'm.mjs': exportsSay('mjs') },
    handler: 'm.handler',
    answer: 'mjs',
  },
  {
    name: 'C20 a package in node_modules',
    files: {
      'node_modules/pkg/index.js': says('pkg'),
      'node_modules/pkg/package.json': '{"name":"pkg"}',
    },
    handler: 'pkg.handler',
    answer: 'pkg',
  },
  {
    name: 'C22 ES module syntax without a package.json',
    files: { 'm.js': exportsSay('esm') },
    handler: 'm.handler',
    answer: 'esm',
  },
  {
    name: 'C22 ES module syntax without a package.json, with a top-level await',
    files: { 'm.js': `const what = await 'tla'; export const handler = async () => what` },
    handler: 'm.handler',
    answer: 'tla',
  },
  {
    name: 'C23 type module',
    files: { 'm.js': exportsSay('module'), 'package.json': MODULE },
    handler: 'm.handler',
    answer: 'module',
  },
  {
    name: 'C23 a nested package.json without a type above CommonJS',
    files: { 'src/m.js': says('nested'), 'src/package.json': '{}', 'package.json': MODULE },
    handler: 'src/m.handler',
    answer: 'nested',
  },
  {
    name: 'C26 .mjs with a top-level await',
    files: { 'm.mjs': `const what = await 'tla'; export const handler = async () => what` },
    handler: 'm.handler',
    answer: 'tla',
  },
  {
    name: 'C27 .cjs that requires an ES module',
    files: {
      'm.cjs': `exports.handler = require('./e.mjs').handler`,
      'e.mjs': exportsSay('required'),
    },
    handler: 'm.handler',
    answer: 'required',
  },
  {
    name: 'C29 an exported default object',
    files: { 'm.mjs': `export default { handler: async () => 'default' }` },
    handler: 'm.handler',
    answer: 'default',
  },
  {
    name: 'C29 an exported default function',
    files: { 'm.mjs': `export default async () => 'default'` },
    handler: 'm.default',
    answer: 'default',
  },
  {
    name: 'C30 exports.default of CommonJS',
    files: { 'm.js': `exports.default = async () => 'default'` },
    handler: 'm.default',
    answer: 'default',
  },
  {
    name: 'C30 a static method of a class',
    files: { 'm.js': `exports.A = class { static handler = async () => 'static' }` },
    handler: 'm.A.handler',
    answer: 'static',
  },
  {
    name: 'C31 this is undefined',
    files: {
      'm.js': `exports.handler = async function () { 'use strict'; return [typeof this, null] }`,
    },
    handler: 'm.handler',
    answer: ['undefined', null],
  },
  {
    name: 'paths with %, # and ?, for ES modules too',
    files: { 'a %20#b?/m.mjs': exportsSay('odd') },
    handler: 'a %20#b?/m.handler',
    answer: 'odd',
  },
  {
    name: 'an esbuild bundle, whose exports are getters',
    files: {
      'm.js': `
        var index = {}
        Object.defineProperty(index, 'handler', { get: () => handler, enumerable: true })
        module.exports = index
        var handler = async () => 'bundled'`,
    },
    handler: 'm.handler',
    answer: 'bundled',
  },
]

const COMMONJS_WITHOUT_EXTENSION: Loads = {
  name: 'C25 CommonJS without extension under type module',
  files: { m: says('bare'), 'package.json': MODULE },
  handler: 'm.handler',
  answer: 'bare',
}

// From Node 26 on such a file is an ES module, as it is for AWS's Node 24 runtime.
if (NODE_MAJOR < 26) LOADS.push(COMMONJS_WITHOUT_EXTENSION)

for (const { name, files, handler, answer } of LOADS) {
  t.test(name, async t => {
    await using fn = await startFunction({ files, events: [{}], ...(handler && { handler }) })
    await fn.answered(1)
    t.match(fn.api.posts, [{ operation: 'response', body: JSON.stringify(answer) }])
    t.equal(fn.stdout() + fn.stderr(), '', 'C10 nothing is printed')
  })
}

t.test('C14 an absolute path', async t => {
  const { join } = await import('node:path')
  await using elsewhere = await startFunction({ files: { 'm.js': says('absolute') } })
  await using fn = await startFunction({
    files: {},
    handler: join(elsewhere.directory, 'm.handler'),
    events: [{}],
  })
  await fn.answered(1)
  t.equal(fn.api.posts[0]?.body, '"absolute"')
})

t.test('C8 C9 neither LAMBDA_TASK_ROOT nor the function variables are needed', async t => {
  await using fn = await startFunction({
    files: {
      'index.js':
        'exports.handler = async (e, c) => [c.logGroupName ?? null, c.functionName ?? null]',
    },
    events: [{}],
    env: {
      LAMBDA_TASK_ROOT: undefined,
      AWS_LAMBDA_LOG_GROUP_NAME: undefined,
      AWS_LAMBDA_FUNCTION_NAME: undefined,
      AWS_LAMBDA_FUNCTION_VERSION: undefined,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: undefined,
      AWS_LAMBDA_LOG_STREAM_NAME: undefined,
    },
  })
  await fn.answered(1)
  t.equal(fn.api.posts[0]?.body, '[null,null]')
})

// Modules hooked as they load, on every Node that Baton serves on: packages of both kinds in all the ways code uses them. Each
// case runs in a process of its own, since a hook stays.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { lastLine } from '../../../instrumentation/hooks/module-hooks.ts'
import { NODE_NAMES, nodePath } from '../../helpers/nodes.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')
/** A package with a class and a function, as CommonJS and as ES modules, and what depends on it in odd ways. */
const PACKAGES = {
  'node_modules/lib/package.json': '{"name":"lib","version":"2.1.0"}',
  'node_modules/lib/index.js':
    "exports.Client = class Client { send(a, b) { return 'sent ' + a } }; exports.make = () => 'made'; require('./user.js')",
  'node_modules/lib/user.js':
    "const lib = require('./index.js'); exports.later = () => new lib.Client().send('later')",
  'node_modules/lib/frozen.js': "module.exports = Object.freeze({ make: () => 'made', other: 1 })",
  'node_modules/lib/getters.js':
    "Object.defineProperty(exports, 'make', { enumerable: true, get: () => () => 'made' })",
  'node_modules/lib/unlisted.js': 'exports.Client = class { send() { return 1 } }',
  'node_modules/esm/package.json':
    '{"name":"esm","version":"1.0.0","type":"module","exports":{".":"./index.js","./again":"./again.js","./cycle":"./cycle.js"}}',
  'node_modules/esm/index.js':
    "export class Client { send(a) { return 'sent ' + a } }\nexport function make() { return 'made' }\nexport default Client\nexport { cycle } from './cycle.js'",
  'node_modules/esm/again.js': "export * from './index.js'; export { default } from './index.js'",
  'node_modules/esm/cycle.js':
    "import { make } from './index.js'; export const cycle = () => make()",
  'old/node_modules/lib/package.json': '{"name":"lib","version":"1.9.9"}',
  'old/node_modules/lib/index.js':
    "exports.Client = class Client { send(a) { return 'old ' + a } }",
  'old/index.cjs': "module.exports = require('lib')",
  'node_modules/graph/package.json':
    '{"name":"graph","version":"1.0.0","type":"module","exports":"./index.js"}',
  'node_modules/graph/index.js': "export { make } from 'esm'; export { Client } from 'lib'",
  'node_modules/deep/package.json': '{"name":"deep","version":"1.0.0"}',
  'node_modules/deep/index.js': "module.exports = require('./dist')",
  'node_modules/deep/dist/index.js': "exports.make = require('./parts/').make",
  'node_modules/deep/dist/parts/index.js': "exports.make = require('../made').make",
  'node_modules/deep/dist/made.js': "exports.make = () => 'made'",
  'both/node_modules/lib/package.json': '{"name":"lib","version":"2.5.0"}',
  'both/node_modules/lib/index.js':
    "exports.Client = class Client { send(a) { return 'newer ' + a } }",
  'both/index.cjs': "module.exports = require('lib')",
}

/** Hooks the packages above; every wrapped call says so. */
const SETUP = `
import { createRequire } from 'node:module'
import { receiveModules } from '${ROOT}/instrumentation/hooks/loaded-modules.ts'
import { createModuleHooks } from '${ROOT}/instrumentation/hooks/module-hooks.ts'
import { replaceExport, wrapMethod } from '${ROOT}/instrumentation/hooks/wrap.ts'
import { createSubscribe } from '${ROOT}/instrumentation/hooks/channels.ts'
import { whenModulesLoad } from '${ROOT}/instrumentation/hooks/when-modules-load.ts'
import { createGuard } from '${ROOT}/instrumentation/guard.ts'
const require = createRequire(import.meta.url)
const warnings: string[] = []
const loads: string[] = []
const file = (name: string, path: string, wrap: string, more = {}) =>
  ({ library: name, chunk: name, package: name, versions: '*', file: path, wrap, ...more })
const wrapSend = (loaded: any) => {
  wrapMethod(loaded.exports.Client.prototype, 'send', send => function (this: unknown, ...args: unknown[]) {
    return '[' + Reflect.apply(send, this, args) + ']'
  })
}
const wrapMake = (loaded: any) => void replaceExport(loaded, 'make', make => () => '[' + (make as () => string)() + ']')
const guard = createGuard({ warn: message => void warnings.push(message) })
const subscribe = createSubscribe(guard)
const hooks = createModuleHooks({
  files: [
    file('lib', 'index.js', 'send', { versions: '>=2 <3' }),
    file('lib', 'frozen.js', 'make'),
    file('lib', 'getters.js', 'make'),
    file('esm', 'index.js', 'both', { rebind: ['make'] }),
    file('deep', 'dist/made.js', 'make'),
  ],
  load(chunk) {
    loads.push(chunk)
    return { send: wrapSend, make: wrapMake, both: loaded => { wrapSend(loaded); wrapMake(loaded) } }
  },
  guard,
  subscribe,
})
receiveModules(hooks.receive)
let installed: boolean | undefined
whenModulesLoad(subscribe, { taskRoot: process.cwd(), handler: 'main.handler', nodePath: undefined }, load => {
  installed = hooks.install(load)
})
const say = (result: unknown) => console.log(JSON.stringify({ installed, warnings, loads, result }))
`

interface Said {
  readonly installed: boolean
  readonly warnings: readonly string[]
  readonly loads: readonly string[]
  readonly result: unknown
}

async function run(directory: string, node: string): Promise<Said> {
  const child = spawn('/usr/bin/env', ['-i', node, '--no-warnings', 'main.mts'], { cwd: directory })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  if (stderr !== '') throw new Error(stderr)
  return JSON.parse(stdout)
}

const CASES: readonly (readonly [name: string, code: string, result: unknown])[] = [
  ['require', "say(new (require('lib').Client)().send('a'))", '[sent a]'],
  [
    'import of CommonJS by name',
    "const { Client } = await import('lib'); say(new Client().send('a'))",
    '[sent a]',
  ],
  [
    'import * as',
    "const lib = await import('lib'); say([new lib.Client().send('a'), new lib.default.Client().send('b')])",
    ['[sent a]', '[sent b]'],
  ],
  [
    'a subclass that was made before its base was called',
    "const { Client } = require('lib'); class Mine extends Client { send(a: string) { return 'mine ' + super.send(a) } }; say(new Mine().send('a'))",
    'mine [sent a]',
  ],
  [
    'name and length stay',
    "const { send } = require('lib').Client.prototype; say([send.name, send.length, Object.keys(require('lib').Client.prototype)])",
    ['send', 2, []],
  ],
  [
    'a module in a circle with the hooked one',
    "require('lib'); say(require('lib/user.js').later())",
    '[sent later]',
  ],
  [
    'frozen exports are replaced whole',
    "const lib = require('lib/frozen.js'); say([lib.make(), lib.other])",
    ['[made]', 1],
  ],
  ['exports that are getters', "say(require('lib/getters.js').make())", '[made]'],
  ['a file that is not listed', "say(new (require('lib/unlisted.js').Client)().send())", 1],
  [
    'two versions at once, one of which is not listed',
    "say([require('lib'), require('./old/index.cjs'), require('./both/index.cjs')].map(lib => new lib.Client().send('a')))",
    ['[sent a]', 'old a', '[newer a]'],
  ],
  [
    'an ES module by name',
    "const { Client, make } = await import('esm'); say([new Client().send('a'), make()])",
    ['[sent a]', '[made]'],
  ],
  [
    'the default export of an ES module',
    "const { default: Client } = await import('esm'); say(new Client().send('a'))",
    '[sent a]',
  ],
  [
    'what re-exports an ES module',
    "const { default: Client, make } = await import('esm/again'); say([new Client().send('a'), make()])",
    ['[sent a]', '[made]'],
  ],
  ['a circle of ES modules', "const { cycle } = await import('esm'); say(cycle())", '[made]'],
  [
    'an ES module by require',
    "const { Client, make } = require('esm'); say([new Client().send('a'), make()])",
    ['[sent a]', '[made]'],
  ],
  [
    'what an ES module imports that is loaded by require',
    "const { Client, make } = require('graph'); say([new Client().send('a'), make()])",
    ['[sent a]', '[made]'],
  ],
  ['a file that is asked for by its folder', "say(require('deep').make())", '[made]'],
  [
    'require first, and then import',
    "const { Client } = require('lib'); const { make } = await import('esm'); say([new Client().send('a'), make(), require('deep').make()])",
    ['[sent a]', '[made]', '[made]'],
  ],
  [
    'a package that cannot be loaded, and one after it',
    "try { require('lib/none.js') } catch {} say(new (require('lib').Client)().send('a'))",
    '[sent a]',
  ],
  [
    'a module that is loaded twice is wrapped once',
    "require('lib'); delete require.cache[require.resolve('lib')]; say(new (require('lib').Client)().send('a'))",
    '[sent a]',
  ],
]

for (const node of [process.execPath, ...NODE_NAMES.map(nodePath)]) {
  t.test(node.replace(`${ROOT}/`, ''), async t => {
    for (const [name, code, result] of CASES) {
      const directory = t.testdir({ ...nest(PACKAGES), 'main.mts': `${SETUP}${code}` })
      const said = await run(directory, node)
      t.match(said, { installed: true, warnings: [] }, name)
      t.strictSame(said.result, result, name)
    }
  })
}

t.test('a wrap that throws is told once, and the module is what it was', async t => {
  const code = `${SETUP.replace('const wrapSend = (loaded: any) => {', 'const wrapSend = (loaded: any) => { throw new Error("boom");')}
    say(new (require('lib').Client)().send('a'))`
  const said = await run(t.testdir({ ...nest(PACKAGES), 'main.mts': code }), process.execPath)
  t.equal(said.result, 'sent a')
  t.match(said.warnings, [/hooking lib.*boom/])
})

t.test(
  "a library's code is loaded with its first module, and with none that is not listed",
  async t => {
    const code = `${SETUP} require('lib/unlisted.js'); const before = loads.length; require('lib'); say(before)`
    const said = await run(t.testdir({ ...nest(PACKAGES), 'main.mts': code }), process.execPath)
    t.equal(said.result, 0)
    t.strictSame(said.loads, ['lib'])
  },
)

t.test('the line says which wrap is wanted', t => {
  const file = {
    library: 'pg',
    chunk: 'sql',
    package: 'pg',
    versions: '*',
    file: 'lib/client.js',
    wrap: 'wrapPg',
  }
  t.equal(
    lastLine(file, undefined),
    '\n;globalThis[Symbol.for("baton:loaded")]?.("pg","wrapPg",typeof module==="object"?module:{})',
  )
  t.match(lastLine({ ...file, rebind: ['Client'] }, 'module'), 'from"./client.js"')
  t.end()
})

/** `{ 'a/b': … }` as the folders that `t.testdir` takes. */
function nest(files: Readonly<Record<string, string>>): Record<string, never> {
  const root: Record<string, unknown> = {}
  for (const [path, content] of Object.entries(files)) {
    const parts = path.split('/')
    let folder = root
    for (const part of parts.slice(0, -1)) {
      folder[part] ??= {}
      folder = folder[part] as Record<string, unknown>
    }
    folder[parts.at(-1) ?? ''] = content
  }
  return root as Record<string, never>
}

import { join } from 'node:path'
import t, { type Test } from 'tap'
import { isModuleScope } from '../../../runtime/handler/module-kind.ts'

interface Files {
  readonly [name: string]: string | Files
}

const MODULE = '{"type":"module"}'

/** Asks for a folder below a fixture, and collects the warnings. */
function ask(
  t: Test,
  files: Files,
  folder: string,
): { readonly isModule: boolean; readonly warnings: readonly string[]; readonly root: string } {
  // Above the fixture stands Baton's own package.json; this one keeps the walk inside.
  const root = t.testdir({ 'package.json': '{}', ...files })
  const warnings: string[] = []
  const isModule = isModuleScope(join(root, folder), message => warnings.push(message))
  return { isModule, warnings, root }
}

for (const [name, files, folder, isModule] of [
  ['"type": "module" beside the file', { 'package.json': MODULE }, '', true],
  ['"type": "commonjs"', { 'package.json': '{"type":"commonjs"}' }, '', false],
  ['no type', { 'package.json': '{"name":"x"}' }, '', false],
  ['a type that is none', { 'package.json': '{"type":["module"]}' }, '', false],
  ['a type in other letters', { 'package.json': '{"type":"Module"}' }, '', false],
  ['null', { 'package.json': 'null' }, '', false],
  ['a text', { 'package.json': '"module"' }, '', false],
  ['the type two folders up', { 'package.json': MODULE, a: { b: {} } }, 'a/b', true],
  [
    'C23 a nearer one without a type',
    { 'package.json': MODULE, a: { 'package.json': '{}', b: {} } },
    'a/b',
    false,
  ],
  [
    'a nearer one with the type',
    { 'package.json': '{}', a: { 'package.json': MODULE, b: {} } },
    'a/b',
    true,
  ],
  [
    'a folder below node_modules that has none',
    { 'package.json': MODULE, node_modules: { pkg: { lib: {} } } },
    'node_modules/pkg/lib',
    false,
  ],
  [
    'a package below node_modules that is one',
    { 'package.json': '{}', node_modules: { pkg: { 'package.json': MODULE, lib: {} } } },
    'node_modules/pkg/lib',
    true,
  ],
  ['node_modules itself', { 'package.json': MODULE, node_modules: {} }, 'node_modules', false],
  [
    'a folder whose name only ends like node_modules',
    { 'package.json': MODULE, my_node_modules: {} },
    'my_node_modules',
    true,
  ],
] as const) {
  t.test(`${name}: ${isModule ? 'an ES module' : 'CommonJS'}`, async t => {
    const answer = ask(t, files, folder)
    t.equal(answer.isModule, isModule)
    t.strictSame(answer.warnings, [])
  })
}

t.test('C28 a package.json that is not JSON is CommonJS, with a warning that names it', async t => {
  const { isModule, warnings, root } = ask(t, { 'package.json': '{bad', a: {} }, 'a')
  t.equal(isModule, false)
  t.strictSame(warnings, [
    `${root}/package.json cannot be read, it will be ignored for ES module detection purposes.`,
  ])
})

t.test('a folder that does not exist is asked of those above it', async t => {
  t.equal(ask(t, { 'package.json': MODULE }, 'not/there').isModule, true)
})

t.test('the walk ends at the root of the file system', async t => {
  t.equal(
    isModuleScope('/', () => t.fail('nothing to warn of')),
    false,
  )
})

// When hooks are installed: with the first package, and never without one. On every Node, since the channels are Node's.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { hasPackages, isPackage } from '../../../instrumentation/hooks/when-modules-load.ts'
import { NODE_NAMES, nodePath } from '../../helpers/nodes.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const NODES = [process.execPath, ...NODE_NAMES.map(nodePath)]

const FILES = {
  'package.json': '{"type":"commonjs"}',
  node_modules: { lib: { 'index.js': 'exports.seen = globalThis.seen' } },
  'alone.js': "require('./beside.js'); require('fs'); require('node:path')",
  'beside.js': "require('url')",
  'uses.js':
    "require('./alone.js'); const before = globalThis.seen; globalThis.result = [before, require('lib').seen]",
  'module.mjs': "import './beside.js'",
}

/** How often it was told, after each step. */
async function run(
  node: string,
  directory: string,
  folder: string,
  steps: string,
): Promise<unknown> {
  const main = `
    import { createRequire } from 'node:module'
    import { createSubscribe } from '${ROOT}/instrumentation/hooks/channels.ts'
    import { whenModulesLoad } from '${ROOT}/instrumentation/hooks/when-modules-load.ts'
    const require = createRequire(import.meta.url)
    const globals = globalThis as any
    globals.seen = 0
    const guard = { run: (_: string, work: () => unknown) => work() }
    whenModulesLoad(createSubscribe(guard as never), { taskRoot: '${folder}', handler: 'index.handler', nodePath: undefined }, () => globals.seen++)
    ${steps}`
  const child = spawn(
    '/usr/bin/env',
    ['-i', node, '--no-warnings', '--input-type=module-typescript', '--eval', main],
    { cwd: directory },
  )
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  if (stderr !== '') throw new Error(stderr)
  return JSON.parse(stdout)
}

for (const node of NODES) {
  t.test(node.replace(`${ROOT}/`, ''), async t => {
    const directory = t.testdir(FILES)
    const said = (folder: string, steps: string): Promise<unknown> =>
      run(node, directory, folder, steps)
    const path = (file: string): string => JSON.stringify(join(directory, file))
    t.equal(
      await said(directory, `require(${path('alone.js')}); console.log(globals.seen)`),
      0,
      "the function's own files and Node's modules",
    )
    t.strictSame(
      await said(
        directory,
        `require(${path('uses.js')}); require(${path('uses.js')}); console.log(JSON.stringify([globals.result, globals.seen]))`,
      ),
      [[0, 1], 1],
      'the first package, before it runs, and once',
    )
    const imports = `await import('file://' + ${path('module.mjs')}); console.log(globals.seen)`
    t.equal(await said(directory, imports), 1, 'an ES module where there are packages')
    t.equal(await said('/var/task', imports), 0, 'an ES module where there are none')
  })
}

t.test('what is a package', t => {
  for (const id of [
    'pg',
    '@aws-sdk/client-s3',
    '/opt/nodejs/node_modules/pg/index.js',
    '../node_modules/pg',
  ])
    t.ok(isPackage(id), id)
  for (const id of [
    'fs',
    'node:fs',
    'fs/promises',
    './pg',
    '../pg',
    '/var/task/index.js',
    'file:///var/task/index.mjs',
  ])
    t.notOk(isPackage(id), id)
  t.end()
})

t.test('packages beside the handler, above it and on NODE_PATH', t => {
  const root = t.testdir({
    with: { node_modules: {}, src: { deep: {} } },
    without: {},
    nodejs: { node_modules: {} },
  })
  const has = (folder: string, nodePath?: string): boolean =>
    hasPackages({ taskRoot: folder, handler: 'src/index.handler', nodePath })
  t.ok(has(join(root, 'with')))
  t.ok(has(join(root, 'with', 'src', 'deep')))
  t.ok(has('/var/task', `${root}/without:${root}/nodejs/node_modules`))
  t.notOk(has('/var/task', `${root}/without:${root}/none/node_modules`))
  t.notOk(has('/var/task'))
  t.end()
})

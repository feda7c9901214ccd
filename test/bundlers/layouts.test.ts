// Which files get the line, however packages are laid out, and what else the plugins do to a bundle: nothing.
import { execFileSync } from 'node:child_process'
import { createRequire, SourceMap } from 'node:module'
import { join } from 'node:path'
import { build } from 'esbuild'
import t from 'tap'
import { baton as fromSource } from '../../instrumentation/bundlers/esbuild.ts'
import { BUNDLERS, type BundleOptions, bundle } from '../helpers/bundlers.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const FORMAT =
  'class Format {}\nmodule.exports = () => new Format()\nmodule.exports.Format = Format\n'
const CLIENT = `
const unused = () => "NOBODY READS THIS"
export class Client { send() {} }
export const other = unused
export const broken = () => { throw new Error('boom') }
`

type Folder = Readonly<Record<string, unknown>>

const manifest = (name: string, version: string, more: object = {}): string =>
  JSON.stringify({ name, version, ...more })
const logform = (version: string): Folder => ({
  'package.json': manifest('logform', version),
  'json.js': FORMAT,
})
/** ES modules that only bundlers read: nothing but their syntax says so. */
/** A version that has other names, in a package of ES modules, which bundlers are strict with. */
const renamed: Folder = {
  'package.json': manifest('@smithy/core', '3.99.0', { type: 'module' }),
  'dist-es': {
    submodules: {
      client: { 'smithy-client': { 'client.js': `export const Klient = 'renamed'` } },
    },
  },
}
const smithy: Folder = {
  'package.json': manifest('@smithy/core', '3.24.0', {
    sideEffects: false,
    module: './dist-es/index.js',
  }),
  'dist-es': {
    'index.js': `export const VERSION = 3\nexport * from './submodules/client/smithy-client/client.js'\n`,
    submodules: { client: { 'smithy-client': { 'client.js': CLIENT } } },
  },
}
const entryOf = (code: string) => ({ 'index.mjs': code })
const USES_FORMAT = `import json from 'logform/json.js'; export const handler = () => json()`

/** Libraries whose line is in the bundle, as they are handed over when it runs. */
async function linesIn(
  directory: string,
  options: Partial<BundleOptions> & { readonly bundler?: (typeof BUNDLERS)[number] } = {},
): Promise<string[]> {
  const files = await bundle(options.bundler ?? 'esbuild', {
    entry: join(directory, 'index.mjs'),
    format: 'cjs',
    ...options,
  })
  return Object.values(files).flatMap(text =>
    [...text.matchAll(/baton:loaded["'`]\)\]\?\.\(["'`]([a-z-]+)["'`]/g)].map(
      ([, name = '']) => name,
    ),
  )
}

for (const bundler of BUNDLERS) {
  t.test(`${bundler}: a package is found however it was installed`, async t => {
    const linked = { 'index.mjs': USES_FORMAT }
    const layouts: Readonly<Record<string, Folder>> = {
      npm: { ...linked, node_modules: { logform: logform('2.7.0') } },
      pnpm: {
        ...linked,
        node_modules: {
          '.pnpm': { 'logform@2.7.0': { node_modules: { logform: logform('2.7.0') } } },
          logform: t.fixture('symlink', '.pnpm/logform@2.7.0/node_modules/logform'),
        },
      },
      'a workspace': {
        ...linked,
        packages: { format: logform('2.7.0') },
        node_modules: { logform: t.fixture('symlink', '../packages/format') },
      },
      'by another name': {
        ...entryOf(USES_FORMAT.replace('logform', 'my-format')),
        node_modules: { 'my-format': logform('2.7.0') },
      },
      'below a package.json without a name': {
        ...entryOf(
          `import { Logger } from '@aws-lambda-powertools/logger'; export const handler = () => Logger`,
        ),
        node_modules: {
          '@aws-lambda-powertools': {
            logger: {
              'package.json': manifest('@aws-lambda-powertools/logger', '2.0.0', {
                main: './lib/cjs/Logger.js',
              }),
              lib: {
                cjs: {
                  'package.json': '{"type":"commonjs"}',
                  'Logger.js': 'exports.Logger = class Logger {}',
                },
              },
            },
          },
        },
      },
    }
    for (const [layout, files] of Object.entries(layouts)) {
      const directory = t.testdir(files as Parameters<typeof t.testdir>[0])
      t.equal((await linesIn(directory, { bundler })).length, 1, layout)
    }
  })

  t.test(
    `${bundler}: other files, other versions and what is external stay as they are`,
    async t => {
      const of = async (files: Folder, options = {}): Promise<number> => {
        const directory = t.testdir(files as Parameters<typeof t.testdir>[0])
        return (await linesIn(directory, { bundler, ...options })).length
      }
      const withVersion = (version: string): Folder => ({
        'index.mjs': USES_FORMAT,
        node_modules: { logform: logform(version) },
      })
      t.equal(await of(withVersion('2.0.0')), 1)
      t.equal(await of(withVersion('1.9.9')), 0)
      t.equal(await of(withVersion('2.0.0'), { external: ['logform/json.js'] }), 0)
      t.equal(
        await of({
          'index.mjs': USES_FORMAT.replace('logform', '.'),
          'json.js': FORMAT,
          'package.json': '{"name":"app","version":"2.0.0"}',
        }),
        0,
        'a file of the same name that is not the library',
      )
      const both = `${USES_FORMAT}\nimport old from 'old/json.js'; export const more = () => old()`
      t.equal(
        await of({
          'index.mjs': both,
          node_modules: { logform: logform('2.7.0'), old: logform('1.0.0') },
        }),
        1,
        'two versions at once',
      )
    },
  )

  t.test(`${bundler}: a bundle gets no larger than its line`, async t => {
    const sizeOf = async (code: string, hasPlugin: boolean): Promise<[string, number]> => {
      const directory = t.testdir({
        'index.mjs': code,
        node_modules: { '@smithy': { core: smithy } },
      } as Parameters<typeof t.testdir>[0])
      const files = await bundle(bundler, {
        entry: join(directory, 'index.mjs'),
        format: 'esm',
        isMinified: true,
        hasPlugin,
      })
      const text = Object.values(files).join('')
      return [text, text.length]
    }
    const client = `import { Client } from '@smithy/core/dist-es/index.js'; export const handler = () => new Client()`
    const [text, size] = await sizeOf(client, true)
    const [, plain] = await sizeOf(client, false)
    t.match(text, 'baton:loaded', 'it is not shaken away')
    t.notMatch(text, 'NOBODY READS THIS')
    t.ok(size - plain < 250, `${size - plain} characters`)
    const version = `import { VERSION } from '@smithy/core/dist-es/index.js'; export const handler = () => VERSION`
    t.notMatch((await sizeOf(version, true))[0], 'baton:loaded', 'what nobody uses is shaken away')
  })

  t.test(`${bundler}: a version that lacks a name is bundled all the same`, async t => {
    const directory = t.testdir({
      'index.mjs': `export { Klient } from '@smithy/core/dist-es/submodules/client/smithy-client/client.js'`,
      node_modules: { '@smithy': { core: renamed } },
    } as Parameters<typeof t.testdir>[0])
    t.strictSame(await linesIn(directory, { bundler }), ['aws-sdk'])
  })

  t.test(`${bundler}: source maps still lead to the line that threw`, async t => {
    const directory = t.testdir({
      'index.mjs': `import { broken } from '@smithy/core/dist-es/index.js'; export const handler = () => broken()`,
      node_modules: { '@smithy': { core: smithy } },
    } as Parameters<typeof t.testdir>[0])
    for (const hasPlugin of [true, false]) {
      const files = await bundle(bundler, {
        entry: join(directory, 'index.mjs'),
        format: 'cjs',
        hasSourceMap: true,
        hasPlugin,
      })
      const code = (files['index.cjs'] ?? '').split('\n')
      const line = code.findIndex(each => each.includes('boom'))
      const map = new SourceMap(JSON.parse(files['index.cjs.map'] ?? '{}'))
      const entry = map.findEntry(line, code[line]?.indexOf('boom') ?? 0)
      t.match(entry, { originalLine: CLIENT.split('\n').findIndex(each => each.includes('boom')) })
      t.match('originalSource' in entry && entry.originalSource, /client\.js$/)
    }
  })

  t.test(`${bundler}: what import() asks for has its line in a file of its own`, async t => {
    const directory = t.testdir({
      'index.mjs': `export const handler = async () => (await import('logform/json.js')).default()`,
      node_modules: { logform: logform('2.7.0') },
    } as Parameters<typeof t.testdir>[0])
    const files = await bundle(bundler, {
      entry: join(directory, 'index.mjs'),
      format: 'esm',
      isSplit: true,
    })
    const named = Object.keys(files).filter(name => files[name]?.includes('baton:loaded'))
    t.equal(named.length, 1)
    t.not(named[0], 'index.mjs')
  })
}

t.test('libraries are chosen by name, and a name that is none is refused', async t => {
  const directory = t.testdir({
    'index.mjs': `${USES_FORMAT}; export { Client } from '@smithy/core/dist-es/index.js'`,
    node_modules: { logform: logform('2.7.0'), '@smithy': { core: smithy } },
  } as Parameters<typeof t.testdir>[0])
  const linesWith = async (options: Parameters<typeof fromSource>[0]): Promise<string[]> => {
    const { outputFiles } = await build({
      entryPoints: [join(directory, 'index.mjs')],
      bundle: true,
      platform: 'node',
      write: false,
      plugins: [fromSource(options)],
    })
    const text = outputFiles[0]?.text ?? ''
    return ['aws-sdk', 'winston'].filter(name => text.includes(`("${name}", "wrap`))
  }
  t.strictSame(await linesWith({}), ['aws-sdk', 'winston'])
  t.strictSame(await linesWith({ enabled: ['winston'] }), ['winston'])
  t.strictSame(await linesWith({ disabled: ['winston'] }), ['aws-sdk'])
  t.strictSame(await linesWith({ enabled: ['winston'], disabled: ['winston'] }), [])
  for (const options of [{ enabled: ['winstone'] }, { disabled: ['winstone'] }])
    t.throws(() => fromSource(options), { name: 'TypeError', message: /winston, .*got "winstone"/ })
})

t.test('the plugins load from CommonJS, and TypeScript knows them', async t => {
  const require = createRequire(import.meta.url)
  for (const name of BUNDLERS) {
    t.type(require(`baton/${name}`).baton, 'function')
    t.type((await import(`baton/${name}`)).baton, 'function')
  }
  const code = BUNDLERS.map(name => `import { baton as ${name} } from 'baton/${name}'`)
  const uses = `
    import { build } from 'esbuild'; import { rollup as run } from 'rollup'; import { defineConfig } from 'vite'; import pack from 'webpack'
    void build({ plugins: [esbuild({ disabled: ['winston'] })] }); void run({ plugins: [rollup()] }); defineConfig({ plugins: [vite()] }); pack({ plugins: [webpack()] })`
  const directory = t.testdir({
    'a.mts': code.join('\n') + uses,
    'b.cts': code.join('\n'),
    node_modules: t.fixture('symlink', join(ROOT, 'node_modules')),
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        module: 'nodenext',
        target: 'es2024',
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        paths: { 'baton/*': [join(ROOT, 'dist', 'bundlers', '*.d.mts')] },
      },
    }),
  })
  // The test runner adds to the environment of what it sees started.
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
  execFileSync('/usr/bin/env', ['-i', process.execPath, tsc, '-p', directory], { stdio: 'inherit' })
  t.pass('tsc agrees')
})

// A bundle that holds what nothing sees: one line says so, names the libraries and the remedy, and only where it is so.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import t from 'tap'
import type { HookedFile } from '../../instrumentation/hooks/module-hooks.ts'
import { isInRange } from '../../instrumentation/hooks/version-range.ts'
import { HOOKED_FILES } from '../../instrumentation/libraries/hooked-files.ts'
import { findUnseenLibraries } from '../../instrumentation/libraries/unseen-libraries.ts'
import { bundle } from '../helpers/bundlers.ts'
import { type FunctionOptions, startFunction } from '../helpers/function.ts'
import { installPackages } from '../helpers/library-forms.ts'
import { startCollector } from '../helpers/otlp.ts'
import { untilLogged } from '../helpers/streaming.ts'

const ENTRY = join(import.meta.dirname, '..', 'fixtures', 'bundled', 'index.mjs')
const OPTIONS = { entry: ENTRY, isMinified: true, external: ['dtrace-provider'] }
const LINE = /\tWARN\tbaton: the bundle holds (.*), and nothing sees/g

/** The libraries that the log names, line by line, after two invocations and a clean end. */
async function told(
  files: FunctionOptions['files'],
  env: Readonly<Record<string, string>> = {},
  hasPackages = false,
): Promise<string[]> {
  await using collector = await startCollector()
  await using fn = await startFunction({
    files,
    hasPackages,
    events: [{ call: 'log' }, { call: 'log' }],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      NODE_NO_WARNINGS: '1',
      ...env,
    },
  })
  await fn.answered(2)
  fn.process.kill('SIGTERM')
  await fn.exit
  t.equal(fn.api.posts.length, 2)
  return [...fn.stdout().matchAll(LINE)].map(([, names = '']) => names)
}

const plain = bundle('esbuild', { ...OPTIONS, format: 'cjs', hasPlugin: false })

t.test('without the plugin one line names them', async t => {
  t.strictSame(await told(await plain), ['bunyan, powertools, winston'])
  const esm = await bundle('esbuild', { ...OPTIONS, format: 'esm', hasPlugin: false })
  t.strictSame(await told(esm), ['bunyan, powertools, winston'])
})

t.test('the line says what to do, and how to be rid of it', async t => {
  await using collector = await startCollector()
  await using fn = await startFunction({
    files: await plain,
    events: [{ call: 'log' }],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, NODE_NO_WARNINGS: '1' },
  })
  await untilLogged(fn, /nothing sees/)
  t.match(fn.stdout(), /baton\/esbuild.*external.*BATON_BUNDLE_CHECK=false/)
})

t.test(
  'with the plugin, switched off, without tracing, or with what is not wanted: none',
  async t => {
    t.strictSame(await told(await bundle('esbuild', { ...OPTIONS, format: 'cjs' })), [])
    t.strictSame(await told(await plain, { BATON_BUNDLE_CHECK: 'false' }), [])
    t.strictSame(await told(await plain, { OTEL_SDK_DISABLED: 'true' }), [])
    t.strictSame(await told(await plain, { BATON_LOG_TRACE_IDS: 'none' }), [])
  },
)

t.test('what stands beside the function, in modules or as they are, is no matter', async t => {
  const source = `import winston from 'winston'; export const handler = async () => { winston.createLogger({ silent: true }); return 1 } // ${'x'.repeat(20_000)}`
  t.strictSame(await told({ 'index.mjs': source }, {}, true), [])
})

t.test('files beside the first are looked through, and those that cannot be read are not', t => {
  const mark = (library: string): string =>
    HOOKED_FILES.find(each => each.library === library)?.mark ?? ''
  const find = (files: Record<string, string>, received: string[] = []): readonly string[] =>
    findUnseenLibraries({
      path: join(t.testdir(files), 'index.mjs'),
      files: HOOKED_FILES,
      channels: [
        { library: 'winston', channel: 'winston:log' },
        { library: 'mongoose', channel: 'mongoose:query' },
      ],
      globals: [{ library: 'prisma', name: 'PRISMA_INSTRUMENTATION' }],
      received: new Set(received),
    })
  const inChunk = { 'chunk-A.mjs': `"${mark('bunyan')}"` }
  t.strictSame(find({ 'index.mjs': `import{a}from"./chunk-A.mjs"`, ...inChunk }), ['bunyan'])
  t.strictSame(find({ 'index.mjs': `import("./chunk-A.mjs")`, ...inChunk }), ['bunyan'])
  t.strictSame(find({ 'index.mjs': `require("./chunk-A.mjs");require("./none.js")`, ...inChunk }), [
    'bunyan',
  ])
  t.strictSame(find({ 'index.mjs': `import"./chunk-B.mjs"`, ...inChunk }), [])
  const both = `"${mark('bunyan')}${mark('winston')}"`
  t.strictSame(find({ 'index.mjs': both }), ['bunyan', 'winston'])
  t.strictSame(
    find({ 'index.mjs': `${both};tracingChannel('winston:log')` }),
    ['bunyan'],
    'it publishes',
  )
  t.strictSame(find({ 'index.mjs': both }, ['bunyan', 'winston']), [], 'handed over already')
  const line = `(e=globalThis[Symbol.for("baton:loaded")])==null||e.call(globalThis,"bunyan","wrapBunyan",t)`
  t.strictSame(
    find({ 'index.mjs': `${both};${line}` }),
    ['winston'],
    'it has a line that has not run',
  )
  const drivers = `"${mark('mongodb')}${mark('pg')}"`
  t.strictSame(find({ 'index.mjs': drivers }), ['mongodb', 'pg'])
  t.strictSame(
    find({ 'index.mjs': `${drivers};tracingChannel('mongoose:query');x.PRISMA_INSTRUMENTATION` }),
    [],
    'told of by who calls them',
  )
  t.strictSame(find({}), [])
  t.end()
})

/** Of packages that have no module by their own name. */
const ENTRIES: Readonly<Record<string, string>> = {
  '@langchain/core': '@langchain/core/runnables',
  '@modelcontextprotocol/sdk': '@modelcontextprotocol/sdk/client/index.js',
}

/** What is not installed stays outside. */
const DO_WITHOUT: Plugin = {
  name: 'do without',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[^./]/ }, async ({ path, kind, resolveDir, pluginData }) => {
      if (pluginData === DO_WITHOUT) return undefined
      const found = await resolve(path, { kind, resolveDir, pluginData: DO_WITHOUT })
      return found.errors.length > 0 ? { path, external: true } : undefined
    })
  },
}

/** A package of a folder as a user may bundle it; what it asks for and is not installed it does without. */
async function bundlePackage(
  folder: string,
  { library, package: name }: HookedFile,
): Promise<string> {
  const names = [...new Set([library, name])].filter(each => versionIn(folder, each) !== undefined)
  const contents = names
    .map((each, index) => `export * as p${index} from '${ENTRIES[each] ?? each}'`)
    .join('\n')
  // Drivers, say, that a mapper asks for: another library's mark is no mark of this one.
  const others = HOOKED_FILES.filter(file => file.library !== library).map(file => file.package)
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: folder },
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    write: false,
    logLevel: 'silent',
    external: ['*.node', 'dtrace-provider', ...others.filter(other => !names.includes(other))],
    plugins: [DO_WITHOUT],
  })
  return outputFiles[0]?.text ?? ''
}

function versionIn(folder: string, name: string): string | undefined {
  const manifest = join(folder, name, 'package.json')
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : undefined
}

/** Where libraries are that the repository has not. */
const PACKAGES = [
  ...(['web', 'stores', 'sql'] as const).flatMap(family =>
    ['newest', 'middle', 'older'].map(packages => [family, packages] as const),
  ),
  ...['newest', 'older'].map(packages => ['messaging', packages] as const),
  ...['newest', 'older'].map(packages => ['ai', packages] as const),
]

t.test('each mark is in its library as it is bundled and minified, and in no other', async t => {
  const folders = [join(import.meta.dirname, '..', '..', 'node_modules')]
  for (const [family, packages] of PACKAGES) folders.push(await installPackages(family, packages))
  const marked = HOOKED_FILES.filter(({ mark }) => mark !== undefined)
  const packages = new Map(marked.map(file => [file.package, file]))
  const texts: { readonly library: string; readonly text: string }[] = []
  for (const file of packages.values()) {
    const holding = folders.filter(each =>
      isInRange(versionIn(each, file.package) ?? '0.0.0', file.versions),
    )
    t.ok(holding.length > 0, `${file.package} is installed`)
    for (const folder of holding) {
      const text = await bundlePackage(folder, file)
      const what = `${file.package}@${versionIn(folder, file.package)}`
      t.ok(text.includes(file.mark ?? ''), `"${file.mark}" in ${what}`)
      texts.push({ library: file.library, text })
    }
  }
  for (const { library, mark = '' } of marked) {
    t.match(mark, /^[\x20-\x7e]{10,}$/)
    const holders = texts.filter(({ text }) => text.includes(mark)).map(each => each.library)
    t.strictSame([...new Set(holders)], [library], `"${mark}"`)
  }
})

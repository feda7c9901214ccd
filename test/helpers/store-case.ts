// A function that calls a library's server, in the forms in which functions are deployed: what each call answers, and its
// spans as a tree.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { build, type Plugin } from 'esbuild'
import { startFunction } from './function.ts'
import { type CollectedSpan, type SpanTree, startCollector } from './otlp.ts'

const ROOT = join(import.meta.dirname, '..')
const SOURCES = join(ROOT, 'fixtures', 'libraries', 'stores')

/** Folders with a package.json of their own: several versions of one package bear one name. */
export type Packages = 'newest' | 'middle' | 'older'

/** With modules, which are hooked, or bundled, where only channels tell. */
export type Form = 'CommonJS' | 'ES module' | 'minified bundle'
export const FORMS: readonly Form[] = ['CommonJS', 'ES module', 'minified bundle']

export interface StoreCase {
  /** File of the function; it exports a handler that takes `{ call }` and answers what came of it. */
  readonly source: string
  readonly form: Form
  readonly packages: Packages
  readonly calls: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Packages by the names that the folder has them under. */
  readonly alias?: Readonly<Record<string, string>>
}

export interface StoreCall {
  readonly call: string
  readonly answer: unknown
  /** All below the invocation's. */
  readonly spans: readonly CollectedSpan[]
  /** Those right below it: names, with a `!` where a span failed and a `?` where it did not end. */
  readonly trees: readonly SpanTree[]
}

/** Installs the folder's packages by its lock, unless they are there; answers where they are. */
export async function installPackages(packages: Packages): Promise<string> {
  const folder = join(ROOT, 'libraries', 'stores', 'packages', packages)
  const installed = join(folder, 'node_modules')
  const lock = join(folder, '.installing')
  // Tests run side by side, and npm leaves its own lock behind when all is there.
  while (!existsSync(join(installed, '.package-lock.json'))) {
    try {
      mkdirSync(lock)
    } catch {
      await sleep(100)
      continue
    }
    const { status, error } = spawnSync('npm', ['ci', '--prefix', folder], { stdio: 'ignore' })
    rmdirSync(lock)
    if (error !== undefined) throw error
    if (status !== 0) throw new Error(`npm ci in ${folder}: expected status 0, got ${status}`)
  }
  return installed
}

/** Makes the calls one after another, an invocation each. */
export async function runStore(store: StoreCase): Promise<readonly StoreCall[]> {
  await using collector = await startCollector()
  const answers = await run(store, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
  const isInvocation = (span: CollectedSpan): boolean => 'faas.invocation_id' in span.attributes
  const all = await collector.waitForSpans(
    spans => spans.filter(isInvocation).length === answers.length,
  )
  return answers.map((answer, index) => {
    const root = all.find(span => span.attributes['faas.invocation_id'] === `req-${index}`)
    if (root === undefined) throw new Error(`req-${index}: expected a span, got none`)
    const [, ...trees] = treeOf(root, all)
    return { call: store.calls[index] ?? '', answer, spans: spansBelow(root, all), trees }
  })
}

/** What the function answers without tracing. */
export const answersUntraced = (store: StoreCase): Promise<readonly unknown[]> =>
  run(store, { OTEL_SDK_DISABLED: 'true' })

async function run(
  store: StoreCase,
  tracing: Readonly<Record<string, string>>,
): Promise<readonly unknown[]> {
  const folder = await installPackages(store.packages)
  const [name, text] = await filesOf(store, folder)
  await using fn = await startFunction({
    files: { [name]: text },
    hasPackages: store.form === 'minified bundle' ? false : folder,
    events: store.calls.map(call => ({ body: JSON.stringify({ call }) })),
    env: { NODE_ENV: 'test', NODE_NO_WARNINGS: '1', BATON_SHIP: 'now', ...tracing, ...store.env },
  })
  await fn.answered(store.calls.length)
  const said = fn.stdout() + fn.stderr()
  if (said !== '') throw new Error(`${store.source}: expected no output, got ${said}`)
  return fn.api.posts.map(({ body }) => JSON.parse(body || 'null'))
}

async function filesOf(
  { source, form, alias = {} }: StoreCase,
  packages: string,
): Promise<[string, string]> {
  const { outputFiles } = await build({
    entryPoints: [join(SOURCES, source)],
    bundle: true,
    plugins: [takeFrom(packages, alias, form === 'minified bundle')],
    format: form === 'ES module' ? 'esm' : 'cjs',
    platform: 'node',
    write: false,
    logLevel: 'silent',
    ...(form === 'minified bundle' ? { minify: true, external: OPTIONAL } : {}),
  })
  return [form === 'ES module' ? 'index.mjs' : 'index.js', outputFiles?.[0]?.text ?? '']
}

/** The repository has some of these packages too, in other versions. */
function takeFrom(
  packages: string,
  alias: Readonly<Record<string, string>>,
  isBundle: boolean,
): Plugin {
  return {
    name: 'packages',
    setup({ onResolve, resolve }) {
      onResolve({ filter: /^[^./]/ }, ({ path, importer, kind }) => {
        if (!importer.startsWith(SOURCES) || path.startsWith('node:')) return undefined
        if (!isBundle) return { path, external: true }
        return resolve(alias[path] ?? path, { resolveDir: dirname(packages), kind })
      })
    },
  }
}

/** Asked for in a `try` by libraries that do without them. */
const OPTIONAL = [
  ...['@aws-sdk/credential-providers', '@mongodb-js/zstd', 'gcp-metadata', 'kerberos', 'snappy'],
  ...['aws4', 'mongodb-client-encryption'],
]

function spansBelow(root: CollectedSpan, all: readonly CollectedSpan[]): readonly CollectedSpan[] {
  const children = all.filter(span => span.parentSpanId === root.spanId)
  return children.flatMap(child => [child, ...spansBelow(child, all)])
}

function treeOf(span: CollectedSpan, all: readonly CollectedSpan[]): SpanTree {
  const children = all
    .filter(each => each.parentSpanId === span.spanId)
    .sort((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano))
  const unfinished = 'baton.unfinished' in span.attributes ? '?' : ''
  const mark = (span.status.code === 'ERROR' ? '!' : '') + unfinished
  return [span.name + mark, ...children.map(child => treeOf(child, all))]
}

// A library's calls as a table, in the forms in which functions are deployed and for each version: what spans every call
// leaves, that none of them tells a value of the function's, and that the function gets what it gets without tracing.
//
//   test/libraries/FAMILY/packages/PACKAGES/package.json   versions, installed by their lock
//   test/fixtures/libraries/FAMILY/SOURCE                  a handler that takes `{ call }` and answers what came of it
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import { build, type Plugin } from 'esbuild'
import type { Test } from 'tap'
import { startFunction } from './function.ts'
import { type CollectedSpan, type SpanTree, startCollector } from './otlp.ts'

const ROOT = join(import.meta.dirname, '..')

/** With modules, which are hooked; bundled with Baton's plugin, which is as good; or without it, where only channels tell. */
export const FORMS = ['CommonJS', 'ES module', 'bundle with plugin', 'minified bundle'] as const
export type Form = (typeof FORMS)[number]

/** Spans of a fixture's own, and of requests that it makes to learn what their parent is. */
const OF_FIXTURE = /^(?:own|GET)\b/

/** What is left without those of the fixture. */
const ofLibrary = (trees: Trees): Trees =>
  trees.flatMap(([name, ...children]) =>
    OF_FIXTURE.test(name) ? ofLibrary(children) : [[name, ...ofLibrary(children)] as const],
  )

export interface Version {
  /** Folder of packages: several versions of one package bear one name. */
  readonly packages: string
  /** What the version in the folder begins with. */
  readonly version: string
  /** How much of its calls is seen in a bundle; requests that the function makes itself are in any case, wherever. */
  readonly inBundles: 'all' | 'nothing' | 'other'
}

export interface Where extends Version {
  readonly form: Form
}

export type Trees = readonly SpanTree[]

export interface Row {
  readonly call: string
  /** Right below the invocation's: names, with a `!` where a span failed and a `?` where it did not end. */
  readonly spans: Trees | ((where: Where) => Trees)
  /** The calls go side by side: which begins first is not told. */
  readonly isUnordered?: boolean
  /** In a bundle that shows something else, `inBundles: 'other'`; nothing where absent. */
  readonly inBundle?: Trees
  /** Of the first span, where all is seen. */
  readonly attributes?: Readonly<Record<string, unknown>> | ((where: Where) => object)
}

export interface LibraryTable {
  readonly family: string
  /** File of the function. */
  readonly source: string
  /** npm's name of the library. */
  readonly module: string
  readonly versions: readonly Version[]
  readonly forms?: readonly Form[]
  /** For the function. */
  readonly env: Readonly<Record<string, string>>
  readonly rows: readonly Row[]
  /** Packages that libraries ask for in a `try` and do without, which a bundle leaves out. */
  readonly optional?: readonly string[]
  /** What the library itself writes when all is well. */
  readonly noise?: RegExp
  /** No span may tell of it; fixtures write it where values stand. */
  readonly secret?: string
  /** Looks at what a run of calls left behind. */
  readonly check?: (t: Test, calls: readonly LibraryCall[], where: Where) => void
}

export interface LibraryCall {
  readonly call: string
  readonly answer: unknown
  /** All below the invocation's. */
  readonly spans: readonly CollectedSpan[]
  readonly trees: Trees
}

/** One function: a table's source in one version and form. */
export interface LibraryCase {
  readonly family: string
  readonly source: string
  readonly form: Form
  readonly packages: string
  readonly calls: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly optional?: readonly string[] | undefined
  readonly noise?: RegExp | undefined
}

/** A subtest for each version and form. */
export function testLibrary(t: Test, table: LibraryTable): void {
  for (const version of table.versions)
    for (const form of table.forms ?? FORMS)
      t.test(`${table.module} ${version.version}, ${form}`, t =>
        testForm(t, table, { ...version, form }),
      )
}

async function testForm(t: Test, table: LibraryTable, where: Where): Promise<void> {
  const { family, source, env, optional, noise, module, rows } = table
  const { packages, form } = where
  const manifest = join(await installPackages(family, packages), module, 'package.json')
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
  t.ok(version.startsWith(where.version), `${module}@${version} is ${where.version}`)
  const calls = rows.map(({ call }) => call)
  const library: LibraryCase = { family, source, form, packages, calls, env, optional, noise }
  const untraced = await answersUntraced(library)
  const traced = await runLibrary(library)
  const isSeen = form !== 'minified bundle' || where.inBundles === 'all'
  for (const [index, row] of rows.entries()) {
    const { answer, trees, spans } = traced[index] ?? { answer: undefined, trees: [], spans: [] }
    const isUnseen = form === 'minified bundle' && where.inBundles === 'nothing'
    const seen = isUnseen ? ofLibrary(trees) : trees
    const expected = expectedTrees(row, where)
    if (row.isUnordered) t.strictSame([...seen].sort(byName), [...expected].sort(byName), row.call)
    else t.strictSame(seen, expected, row.call)
    t.strictSame(answer, untraced[index], `${row.call} answers as without tracing`)
    const told = spans.map(span => [span.name, span.attributes, span.status, span.events])
    t.notMatch(inspect(told, { depth: 9 }), table.secret ?? 'secret', `${row.call} tells no value`)
    const { attributes } = row
    const wanted = typeof attributes === 'function' ? attributes(where) : attributes
    if (isSeen && wanted !== undefined) t.match(spans[0]?.attributes, wanted, row.call)
  }
  table.check?.(t, traced, where)
}

const byName = ([a]: SpanTree, [b]: SpanTree): number => (a < b ? -1 : a > b ? 1 : 0)

function expectedTrees({ spans, inBundle = [] }: Row, where: Where): Trees {
  if (where.form === 'minified bundle' && where.inBundles === 'nothing') return []
  if (where.form === 'minified bundle' && where.inBundles === 'other') return inBundle
  return typeof spans === 'function' ? spans(where) : spans
}

/** Installs the folder's packages by its lock, unless they are there; answers where they are. */
export async function installPackages(family: string, packages: string): Promise<string> {
  const folder = join(ROOT, 'libraries', family, 'packages', packages)
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
    const { status, error } = spawnSync('npm', ['ci'], { cwd: folder, stdio: 'ignore' })
    rmdirSync(lock)
    if (error !== undefined) throw error
    if (status !== 0) throw new Error(`npm ci in ${folder}: expected status 0, got ${status}`)
  }
  return installed
}

/** Makes the calls one after another, an invocation each. */
export async function runLibrary(library: LibraryCase): Promise<readonly LibraryCall[]> {
  await using collector = await startCollector()
  const answers = await run(library, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
  const isInvocation = (span: CollectedSpan): boolean => 'faas.invocation_id' in span.attributes
  const all = await collector.waitForSpans(
    spans => spans.filter(isInvocation).length === answers.length,
  )
  return answers.map((answer, index) => {
    const root = all.find(span => span.attributes['faas.invocation_id'] === `req-${index}`)
    if (root === undefined) throw new Error(`req-${index}: expected a span, got none`)
    const [, ...trees] = treeOf(root, all)
    return { call: library.calls[index] ?? '', answer, spans: spansBelow(root, all), trees }
  })
}

/** What the function answers without tracing. */
export const answersUntraced = (library: LibraryCase): Promise<readonly unknown[]> =>
  run(library, { OTEL_SDK_DISABLED: 'true' })

async function run(
  library: LibraryCase,
  tracing: Readonly<Record<string, string>>,
): Promise<readonly unknown[]> {
  const folder = await installPackages(library.family, library.packages)
  const [name, text] = await filesOf(library, folder)
  await using fn = await startFunction({
    files: { [name]: text },
    hasPackages: library.form.includes('bundle') ? false : folder,
    events: library.calls.map(call => ({ body: JSON.stringify({ call }) })),
    env: { NODE_ENV: 'test', NODE_NO_WARNINGS: '1', BATON_SHIP: 'now', ...tracing, ...library.env },
  })
  await fn.answered(library.calls.length)
  const said = (fn.stdout() + fn.stderr()).replace(library.noise ?? '', '')
  if (said !== '') throw new Error(`${library.source}: expected no output, got ${said}`)
  return fn.api.posts.map(({ body }) => JSON.parse(body || 'null'))
}

async function filesOf(library: LibraryCase, packages: string): Promise<[string, string]> {
  const { family, source, form, optional = [] } = library
  const sources = join(ROOT, 'fixtures', 'libraries', family)
  const isBundle = form.includes('bundle')
  const { outputFiles } = await build({
    entryPoints: [join(sources, source)],
    bundle: true,
    plugins: [
      ...(form === 'bundle with plugin' ? [baton()] : []),
      takeFrom(packages, sources, isBundle),
    ],
    format: form === 'ES module' ? 'esm' : 'cjs',
    platform: 'node',
    write: false,
    logLevel: 'silent',
    ...(isBundle ? { minify: true, external: [...optional] } : {}),
  })
  return [form === 'ES module' ? 'index.mjs' : 'index.js', outputFiles?.[0]?.text ?? '']
}

// By a name that only the build makes good: what checks types runs before it.
const PLUGIN: string = 'baton/esbuild'
const { baton } = (await import(
  PLUGIN
)) as typeof import('../../instrumentation/bundlers/esbuild.ts')

/** The repository has some of these packages too, in other versions. */
function takeFrom(packages: string, sources: string, isBundle: boolean): Plugin {
  return {
    name: 'packages',
    setup({ onResolve, resolve }) {
      onResolve({ filter: /^[^./]/ }, ({ path, importer, kind }) => {
        if (!importer.startsWith(sources) || path.startsWith('node:')) return undefined
        if (!isBundle) return { path, external: true }
        return resolve(path, { resolveDir: dirname(packages), kind })
      })
    },
  }
}

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

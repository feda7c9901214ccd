// A library's calls as a table, in the forms in which functions are deployed and for each version: what spans every call
// leaves, that none of them tells a value of the function's, and that the function gets what it gets without tracing.
//
//   test/libraries/FAMILY/packages/PACKAGES/package.json   versions, installed by their lock
//   test/fixtures/libraries/FAMILY/SOURCE                  a handler that takes `{ call }` and answers what came of it
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import type { Test } from 'tap'
import { ALL_FORMS, type Family, type Form, installPackages } from './library-forms.ts'
import { answersUntraced, type LibraryCall, type LibraryRun, runLibrary } from './library-run.ts'
import type { SpanTree } from './otlp.ts'

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
  readonly family: Family
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

/** A subtest for each version and form. */
export function testLibrary(t: Test, table: LibraryTable): void {
  for (const version of table.versions)
    for (const form of table.forms ?? ALL_FORMS)
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
  const library: LibraryRun = { family, source, form, packages, calls, env, optional, noise }
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

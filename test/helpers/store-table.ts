// A library's calls as a table, in the forms in which functions are deployed and for each version: what spans every call
// leaves, that none of them tells a value of the function's, and that the function gets what it gets without tracing.
//
//   test/libraries/FAMILY/packages/PACKAGES/package.json   versions, installed by their lock
//   test/fixtures/libraries/FAMILY/SOURCE                  a handler that takes `{ call }` and answers what came of it
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import type { Test } from 'tap'
import { HOOKED_FILES } from '../../instrumentation/libraries/hooked-files.ts'
import {
  ALL_FORMS,
  type Family,
  type Form,
  installPackages,
  type Packages,
} from './library-forms.ts'
import { answersUntraced, type LibraryCall, type LibraryRun, runInBundle } from './library-run.ts'
import type { SpanTree } from './otlp.ts'
import type { TestServer } from './servers/processes.ts'

export interface Version {
  /** Folder of packages: several versions of one package bear one name. */
  readonly packages: Packages
  /** What the version in the folder begins with. */
  readonly version: string
  /** By the name that the folder has it under, where that is another: its modules are not found by the hook. */
  readonly alias?: string
  /** By how its calls are seen in a bundle, if they are. */
  readonly inBundles: 'nothing' | 'channels' | 'as without a hook'
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
  /** In a bundle, where it is not the same by channels, or not nothing without. */
  readonly inBundle?: Trees
  /** Of the first span, where it is hooked or tells by a channel. */
  readonly attributes?: Readonly<Record<string, unknown>> | ((where: Where) => object)
  /** With Baton the function gets something else, and why. */
  readonly differs?: (where: Where) => boolean
}

export interface Table<S extends TestServer> {
  /** `stores` where absent. */
  readonly family?: Family
  /** File of the function. */
  readonly source: string
  /** npm's name. */
  readonly module: string
  readonly versions: readonly Version[]
  readonly forms?: readonly Form[]
  /** For each run. */
  readonly start: () => Promise<S>
  readonly env?: Readonly<Record<string, string>>
  readonly rows: readonly Row[]
  /** Packages that libraries ask for in a `try` and do without, which a bundle leaves out. */
  readonly optional?: readonly string[]
  /** What the library itself writes when all is well. */
  readonly noise?: RegExp
  /** Spans of the fixture's own, and of its requests, which are there wherever nothing of the library is seen. */
  readonly ofFixture?: RegExp
  /** What is bundled is too small to be taken for a bundle. */
  readonly isSmall?: boolean
  /** Looks at what a run of calls left behind. */
  readonly check?: (t: Test, calls: readonly LibraryCall[], where: Where, server: S) => void
}

/** What fixtures write where nothing of it may be told. */
const SECRET = 'secret'

/** A subtest for each version and form. */
export function testStore<S extends TestServer>(t: Test, table: Table<S>): void {
  for (const version of table.versions) {
    for (const form of table.forms ?? ALL_FORMS) {
      // A module by another name is not hooked: it is there for its channels.
      if (version.alias !== undefined && form !== 'minified bundle') continue
      // Side by side where the test allows it.
      t.test(`${table.module} ${version.version}, ${form}`, { buffered: t.jobs > 1 }, t =>
        testForm(t, table, { ...version, form }),
      )
    }
  }
}

async function testForm<S extends TestServer>(
  t: Test,
  table: Table<S>,
  where: Where,
): Promise<void> {
  const { rows, module } = table
  await testVersion(t, table, where)
  await using server = await table.start()
  const marked = HOOKED_FILES.find(
    file => file.mark !== undefined && (file.library === module || file.package === module),
  )
  // Of models and messages bundle-check.test.ts says what is named; some tell by OpenTelemetry's API.
  const mayTell = !['sql', 'stores'].includes(table.family ?? 'stores')
  const isNamed = !isSeen(where) && marked !== undefined && !table.isSmall && !mayTell
  const run = { ...runOf(table, where, server), isUnseen: isNamed }
  // Where nothing is seen, nothing can be different.
  const untraced = isNothing(where) ? undefined : await answersUntraced(run)
  const { calls, unseen } = await runInBundle(run)
  if (!mayTell)
    t.equal(unseen.includes(marked?.library ?? module), isNamed, 'the log names what nothing sees')
  for (const [index, row] of rows.entries()) {
    const call = calls[index] ?? { call: '', answer: undefined, trees: [], spans: [] }
    testRow(t, table, row, where, call)
    if (untraced === undefined) continue
    if (row.differs?.(where)) t.notSame(call.answer, untraced[index], `${row.call}: it is told`)
    else t.strictSame(call.answer, untraced[index], `${row.call} answers as without tracing`)
  }
  table.check?.(t, calls, where, server)
}

async function testVersion(
  t: Test,
  { family = 'stores', module }: Pick<Table<TestServer>, 'family' | 'module'>,
  { packages, version: wanted, alias = module }: Where,
): Promise<void> {
  const installed = join(await installPackages(family, packages), alias, 'package.json')
  const { version } = JSON.parse(readFileSync(installed, 'utf8')) as { version: string }
  t.ok(version.startsWith(wanted), `${alias}@${version} is ${wanted}`)
}

function runOf<S extends TestServer>(
  { family = 'stores', source, module, rows, env, optional, noise }: Table<S>,
  { form, packages, alias = module }: Where,
  { port }: S,
): LibraryRun {
  return {
    family,
    source,
    form,
    packages,
    alias: { [module]: alias },
    calls: rows.map(({ call }) => call),
    env: { SERVER_PORT: String(port), SERVICE_URL: `http://127.0.0.1:${port}/`, ...env },
    optional,
    noise,
  }
}

function testRow<S extends TestServer>(
  t: Test,
  table: Table<S>,
  row: Row,
  where: Where,
  { trees, spans }: LibraryCall,
): void {
  const expected = expectedOf(row, where)
  const found = treesOf(table, where, trees)
  if (row.isUnordered) t.strictSame([...found].sort(byName), [...expected].sort(byName), row.call)
  else t.strictSame(found, expected, row.call)
  const told = spans.map(span => [span.name, span.attributes, span.status, span.events])
  t.notMatch(inspect(told, { depth: 9 }), SECRET, `${row.call} tells no value`)
  if (!isSeen(where) || row.attributes === undefined) return
  const { attributes } = row
  const wanted = typeof attributes === 'function' ? attributes(where) : attributes
  t.match(spans[0]?.attributes, wanted, row.call)
}

function treesOf<S extends TestServer>({ ofFixture }: Table<S>, where: Where, trees: Trees): Trees {
  if (isSeen(where)) return trees
  if (where.inBundles === 'as without a hook') return trees.map(unmark)
  return ofFixture === undefined ? trees : leaveOut(ofFixture, trees)
}

/** Whether Node closes a request before the invocation is over is no matter of the library's. */
const unmark = ([name, ...children]: SpanTree): SpanTree => [
  name.replace('?', ''),
  ...children.map(unmark),
]

const leaveOut = (names: RegExp, trees: Trees): Trees =>
  trees.flatMap(([name, ...children]) =>
    names.test(name) ? leaveOut(names, children) : [[name, ...leaveOut(names, children)] as const],
  )

const byName = ([a]: SpanTree, [b]: SpanTree): number => (a < b ? -1 : a > b ? 1 : 0)

const isSeen = ({ form, inBundles }: Where): boolean =>
  form !== 'minified bundle' || inBundles === 'channels'

const isNothing = ({ form, inBundles }: Where): boolean =>
  form === 'minified bundle' && inBundles === 'nothing'

function expectedOf({ spans, inBundle }: Row, where: Where): Trees {
  if (where.form === 'minified bundle') {
    if (where.inBundles === 'nothing') return []
    if (inBundle !== undefined) return inBundle
    if (where.inBundles === 'as without a hook') return []
  }
  return typeof spans === 'function' ? spans(where) : spans
}

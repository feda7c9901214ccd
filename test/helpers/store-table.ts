// A library's calls as a table: for each version and form of the function, the spans of every call, that none of them has a
// value of the function's, and that the function gets what it gets without tracing.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import type { Test } from 'tap'
import {
  ALL_FORMS,
  type Family,
  type Form,
  installPackages,
  type Packages,
} from './library-forms.ts'
import { answersUntraced, type LibraryCall, type LibraryRun, runLibrary } from './library-run.ts'
import type { SpanTree } from './otlp.ts'
import type { TestServer } from './servers/processes.ts'

export interface Version {
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

type Trees = readonly SpanTree[]

export interface Row {
  readonly call: string
  /** Below the invocation's span. */
  readonly spans: Trees | ((where: Where) => Trees)
  /** In a bundle, where it is not the same by channels, or not nothing without. */
  readonly inBundle?: Trees
  /** Of the first span, where it is hooked or tells by a channel. */
  readonly attributes?: Readonly<Record<string, unknown>>
  /** With Baton the function gets something else, and why. */
  readonly differs?: (where: Where) => boolean
}

export interface Table<S extends TestServer> {
  /** `stores` where absent. */
  readonly family?: Family
  readonly source: string
  /** npm's name. */
  readonly module: string
  readonly versions: readonly Version[]
  readonly start: () => Promise<S>
  readonly env?: Readonly<Record<string, string>>
  readonly rows: readonly Row[]
  /** Looks at what a run of calls left behind. */
  readonly check?: (t: Test, calls: readonly LibraryCall[], where: Where, server: S) => void
}

/** What fixtures write where nothing of it may be told. */
const SECRET = 'secret'

export function testStore<S extends TestServer>(t: Test, table: Table<S>): void {
  for (const version of table.versions) {
    for (const form of ALL_FORMS) {
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
  const { packages, form, alias = table.module } = where
  const { family = 'stores' } = table
  const installed = join(await installPackages(family, packages), alias, 'package.json')
  const { version } = JSON.parse(readFileSync(installed, 'utf8')) as { version: string }
  t.ok(version.startsWith(where.version), `${alias}@${version} is ${where.version}`)
  await using server = await table.start()
  const address = `127.0.0.1:${server.port}`
  const store: LibraryRun = {
    family,
    source: table.source,
    form,
    packages,
    alias: { [table.module]: alias },
    calls: table.rows.map(({ call }) => call),
    env: { SERVER_PORT: String(server.port), SERVICE_URL: `http://${address}/`, ...table.env },
  }
  // Where nothing is seen, nothing can be different.
  const untraced = isSeen(where) ? await answersUntraced(store) : undefined
  const calls = await runLibrary(store)
  for (const [index, row] of table.rows.entries()) {
    const { answer, trees, spans } = calls[index] ?? { answer: undefined, trees: [], spans: [] }
    t.strictSame(
      where.inBundles === 'as without a hook' && !isSeen(where) ? trees.map(unmark) : trees,
      expectedOf(row, where),
      row.call,
    )
    const told = spans.map(span => [span.name, span.attributes, span.status, span.events])
    t.notMatch(inspect(told, { depth: 9 }), SECRET, `${row.call} tells no value`)
    if (untraced === undefined) continue
    if (row.differs?.(where)) t.notSame(answer, untraced[index], `${row.call}: it is told`)
    else t.strictSame(answer, untraced[index], `${row.call} answers as without tracing`)
    if (row.attributes) t.match(spans[0]?.attributes, row.attributes, row.call)
  }
  table.check?.(t, calls, where, server)
}

/** Whether Node closes a request before the invocation is over is no matter of the library's. */
const unmark = ([name, ...children]: SpanTree): SpanTree => [
  name.replace('?', ''),
  ...children.map(unmark),
]

const isSeen = ({ form, inBundles }: Where): boolean =>
  form !== 'minified bundle' || inBundles === 'channels'

function expectedOf({ spans, inBundle }: Row, where: Where): Trees {
  if (where.form === 'minified bundle') {
    if (where.inBundles === 'nothing') return []
    if (inBundle !== undefined) return inBundle
    if (where.inBundles === 'as without a hook') return []
  }
  return typeof spans === 'function' ? spans(where) : spans
}

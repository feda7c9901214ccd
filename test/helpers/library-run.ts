// A function that calls a library, in the forms in which functions are deployed: what each call answers, and its
// spans as a tree.
import { startFunction } from './function.ts'
import { type FormOptions, installPackages, isBundle, makeForm } from './library-forms.ts'
import { type CollectedSpan, type SpanTree, startCollector } from './otlp.ts'
import { hasInvocations, invocationSpan, markedTree, spansBelow } from './span-tree.ts'
import { untilLogged } from './streaming.ts'

/** The function exports a handler that takes `{ call }` and answers what came of it. */
export interface LibraryRun extends Omit<FormOptions, 'packages'> {
  /** Name of the folder. */
  readonly packages: string
  readonly calls: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** What the library itself writes when all is well. */
  readonly noise?: RegExp | undefined
  /** It is in a bundle where nothing sees it, and the log is to say so. */
  readonly isUnseen?: boolean
}

export interface LibraryCall {
  readonly call: string
  readonly answer: unknown
  /** All below the invocation's. */
  readonly spans: readonly CollectedSpan[]
  /** Those right below it: names, with a `!` where a span failed and a `?` where it did not end. */
  readonly trees: readonly SpanTree[]
}

/** Makes the calls one after another, an invocation each. */
export const runLibrary = async (library: LibraryRun): Promise<readonly LibraryCall[]> =>
  (await runInBundle(library)).calls

/** The same, and which libraries of a bundle the log names as unseen. */
export async function runInBundle(
  library: LibraryRun,
): Promise<{ readonly calls: readonly LibraryCall[]; readonly unseen: readonly string[] }> {
  await using collector = await startCollector()
  const { answers, unseen } = await run(library, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
  const all = await collector.waitForSpans(hasInvocations(answers.length))
  const calls = answers.map((answer, index) => {
    const root = invocationSpan(all, `req-${index}`)
    const [, ...trees] = markedTree(root, all)
    return { call: library.calls[index] ?? '', answer, spans: spansBelow(root, all), trees }
  })
  return { calls, unseen }
}

/** What the function answers without tracing. */
export const answersUntraced = async (library: LibraryRun): Promise<readonly unknown[]> =>
  (await run({ ...library, isUnseen: false }, { OTEL_SDK_DISABLED: 'true' })).answers

const UNSEEN = /^.*\tbaton: the bundle holds (.*), and nothing sees.*\n/m

async function run(
  library: LibraryRun,
  tracing: Readonly<Record<string, string>>,
): Promise<{ readonly answers: readonly unknown[]; readonly unseen: readonly string[] }> {
  const folder = await installPackages(library.family, library.packages)
  const [name, text] = await makeForm({ ...library, packages: folder })
  await using fn = await startFunction({
    files: { [name]: text },
    hasPackages: isBundle(library.form) ? false : folder,
    events: library.calls.map(call => ({ body: JSON.stringify({ call }) })),
    env: { NODE_ENV: 'test', NODE_NO_WARNINGS: '1', BATON_SHIP: 'now', ...tracing, ...library.env },
  })
  await fn.answered(library.calls.length)
  // After the first answer, and in its own time.
  if (library.isUnseen) await untilLogged(fn, UNSEEN)
  const unseen = UNSEEN.exec(fn.stdout())?.[1]?.split(', ') ?? []
  const said = (fn.stdout() + fn.stderr()).replace(library.noise ?? '', '').replace(UNSEEN, '')
  if (said !== '') throw new Error(`${library.source}: expected no output, got ${said}`)
  return { answers: fn.api.posts.map(({ body }) => JSON.parse(body || 'null')), unseen }
}

// A function that calls a library, in the forms in which functions are deployed: what each call answers, and its
// spans as a tree.
import { startFunction } from './function.ts'
import { type FormOptions, installPackages, isBundle, makeForm } from './library-forms.ts'
import { type CollectedSpan, type SpanTree, startCollector } from './otlp.ts'
import { hasInvocations, invocationSpan, markedTree, spansBelow } from './span-tree.ts'

/** The function exports a handler that takes `{ call }` and answers what came of it. */
export interface LibraryRun extends Omit<FormOptions, 'packages'> {
  /** Name of the folder. */
  readonly packages: string
  readonly calls: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** What the library itself writes when all is well. */
  readonly noise?: RegExp | undefined
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
export async function runLibrary(library: LibraryRun): Promise<readonly LibraryCall[]> {
  await using collector = await startCollector()
  const answers = await run(library, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
  const all = await collector.waitForSpans(hasInvocations(answers.length))
  return answers.map((answer, index) => {
    const root = invocationSpan(all, `req-${index}`)
    const [, ...trees] = markedTree(root, all)
    return { call: library.calls[index] ?? '', answer, spans: spansBelow(root, all), trees }
  })
}

/** What the function answers without tracing. */
export const answersUntraced = (library: LibraryRun): Promise<readonly unknown[]> =>
  run(library, { OTEL_SDK_DISABLED: 'true' })

async function run(
  library: LibraryRun,
  tracing: Readonly<Record<string, string>>,
): Promise<readonly unknown[]> {
  const folder = await installPackages(library.family, library.packages)
  const [name, text] = await makeForm({ ...library, packages: folder })
  await using fn = await startFunction({
    files: { [name]: text },
    hasPackages: isBundle(library.form) ? false : folder,
    events: library.calls.map(call => ({ body: JSON.stringify({ call }) })),
    env: { NODE_ENV: 'test', NODE_NO_WARNINGS: '1', BATON_SHIP: 'now', ...tracing, ...library.env },
  })
  await fn.answered(library.calls.length)
  const said = (fn.stdout() + fn.stderr()).replace(library.noise ?? '', '')
  if (said !== '') throw new Error(`${library.source}: expected no output, got ${said}`)
  return fn.api.posts.map(({ body }) => JSON.parse(body || 'null'))
}

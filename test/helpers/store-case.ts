// A function that calls a library's server, in the forms in which functions are deployed: what each call answers, and its
// spans as a tree.
import { startFunction } from './function.ts'
import {
  type Family,
  type Form,
  installPackages,
  makeForm,
  type Packages,
} from './library-forms.ts'
import { type CollectedSpan, type SpanTree, startCollector } from './otlp.ts'

export interface StoreCase {
  /** `stores` where absent. */
  readonly family?: Family
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
  const { family = 'stores' } = store
  const folder = await installPackages(family, store.packages)
  const [name, text] = await makeForm({ ...store, family, packages: folder })
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

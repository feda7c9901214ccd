// The function of test/fixtures/aws-calls in the forms in which functions are deployed, and what its calls leave behind.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { AwsServers } from './aws-servers.ts'
import { bundle } from './bundlers.ts'
import { type FunctionOptions, startFunction } from './function.ts'
import { type CollectedSpan, startCollector } from './otlp.ts'

const SOURCE = join(import.meta.dirname, '..', 'fixtures', 'aws-calls', 'index.mjs')

/** With modules, which are hooked; bundled, where only the wire tells; bundled with the plugin, which does as the hooks do. */
export const FORMS = [
  'CommonJS',
  'ES module',
  'bundle',
  'minified bundle',
  'bundle with the plugin',
  'minified ES module with the plugin',
] as const
export type Form = (typeof FORMS)[number]
export const isHooked = (form: Form): boolean => !form.endsWith('bundle')

export async function filesOf(
  form: Form,
  source: string = SOURCE,
): Promise<FunctionOptions['files']> {
  if (form === 'ES module') return { 'index.mjs': readFileSync(source, 'utf8') }
  if (form === 'bundle with the plugin') return bundle('esbuild', { entry: source, format: 'cjs' })
  if (form === 'minified ES module with the plugin')
    return bundle('esbuild', { entry: source, format: 'esm', isMinified: true })
  const isBundle = form !== 'CommonJS'
  const { outputFiles } = await build({
    entryPoints: [source],
    bundle: true,
    packages: isBundle ? 'bundle' : 'external',
    minify: form === 'minified bundle',
    format: 'cjs',
    platform: 'node',
    write: false,
    logLevel: 'silent',
  })
  return { 'index.js': outputFiles[0]?.text ?? '' }
}

export interface CallsRun {
  /** The function's answer to each call: `ok`, or the name of the error. */
  readonly answers: readonly string[]
  /** All spans but the invocations', by call. */
  readonly spans: ReadonlyMap<string, readonly CollectedSpan[]>
}

/** Makes each call in an invocation of its own. */
export async function runCalls(
  files: FunctionOptions['files'],
  calls: readonly string[],
  aws: AwsServers,
  env: Readonly<Record<string, string>> = {},
): Promise<CallsRun> {
  await using collector = await startCollector()
  await using fn = await startFunction({
    files,
    hasPackages: Object.values(files).join('').length < 100_000,
    events: calls.map(call => ({ call })),
    env: { ...aws.env, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env },
  })
  await fn.answered(calls.length)
  const isInvocation = (span: CollectedSpan): boolean => span.kind === 'SERVER'
  const all = await collector.waitForSpans(
    spans => spans.filter(isInvocation).length === calls.length,
  )
  if (fn.stdout() + fn.stderr() !== '') throw new Error(fn.stdout() + fn.stderr())
  const spans = new Map<string, CollectedSpan[]>()
  for (const [index, call] of calls.entries()) {
    const root = all.find(span => span.attributes['faas.invocation_id'] === `req-${index}`)
    spans.set(
      call,
      all.filter(span => span.traceId === root?.traceId && isBelow(span, root, all)),
    )
  }
  return { answers: fn.api.posts.map(post => JSON.parse(post.body ?? 'null')), spans }
}

function isBelow(
  span: CollectedSpan,
  root: CollectedSpan | undefined,
  all: readonly CollectedSpan[],
): boolean {
  const parent = all.find(each => each.spanId === span.parentSpanId)
  return parent !== undefined && (parent === root || isBelow(parent, root, all))
}

// A function bundled by each bundler with Baton's plugin, minified (CommonJS) or not (ES module), in the built bootstrap: it shows what it shows with
// its modules beside it, and its messages and log lines name the trace. Without the plugin they do not.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type AwsServers, startAwsServers } from '../helpers/aws-servers.ts'
import { BUNDLERS, bundle } from '../helpers/bundlers.ts'
import { type FunctionOptions, startFunction } from '../helpers/function.ts'
import { type CollectedSpan, startCollector } from '../helpers/otlp.ts'

const ENTRY = join(import.meta.dirname, '..', 'fixtures', 'bundled', 'index.mjs')
const CALLS = ['send', 'publish', 'sendOld', 'log']
const LOGGERS = 3
/** bunyan asks for it and does without; of the bundlers only esbuild minds. */
const external = ['dtrace-provider']

interface Run {
  /** Name, kind and attributes of each span below an invocation. */
  readonly spans: readonly unknown[]
  /** Those that a message, by its body, or a log line names. */
  readonly messages: Readonly<Record<string, unknown>>
  readonly lines: readonly unknown[]
  readonly answers: readonly unknown[]
}

async function run(files: FunctionOptions['files'], hasPackages: boolean): Promise<Run> {
  await using aws = await startAwsServers()
  await using collector = await startCollector()
  await using fn = await startFunction({
    files,
    hasPackages,
    events: CALLS.map(call => ({ call })),
    env: { ...aws.env, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, NODE_NO_WARNINGS: '1' },
  })
  await fn.answered(CALLS.length)
  const isInvocation = ({ kind }: CollectedSpan): boolean => kind === 'SERVER'
  const spans = await collector.waitForSpans(
    all => all.filter(isInvocation).length === CALLS.length,
  )
  const nameOf = (ids: string): string | undefined =>
    spans.find(span => ids.includes(span.spanId) && ids.includes(span.traceId))?.name
  const lines = fn.stdout().split('\n')
  return {
    spans: spans.filter(span => !isInvocation(span)).map(comparable),
    messages: readMessages(aws, nameOf),
    lines: lines.filter(line => line.includes('a line')).map(nameOf),
    answers: fn.api.posts.map(({ body }) => JSON.parse(body ?? 'null')),
  }
}

/** By their bodies, the name of the span that each names. */
function readMessages(
  aws: AwsServers,
  nameOf: (ids: string) => string | undefined,
): Readonly<Record<string, unknown>> {
  const ready = aws.fauxqs.inspectQueue('orders')?.messages.ready ?? []
  return Object.fromEntries(
    ready.map(({ body, messageAttributes }) => {
      const isNews = body.startsWith('{')
      const attributes = isNews ? JSON.parse(body).MessageAttributes : messageAttributes
      const { StringValue, Value } = attributes?.traceparent ?? {}
      return [isNews ? 'news' : body, nameOf(StringValue ?? Value ?? '')]
    }),
  )
}

function comparable({ name, kind, attributes }: CollectedSpan): unknown {
  const changing = /^(aws\.request_id|messaging\.message\.id|baton\.pointer|server\.port)$/
  const known = Object.entries(attributes).map(([key, value]) => [
    key,
    changing.test(key) ? 'some' : String(value).replace(/:\d+\//, ':0/'),
  ])
  return { name, kind, ...Object.fromEntries(known) }
}

const MESSAGES = {
  'by the third SDK': 'SQS.SendMessage',
  news: 'SNS.Publish',
  'by the second SDK': 'SQS.SendMessage',
}

const unbundled = run({ 'index.mjs': readFileSync(ENTRY, 'utf8') }, true)

t.test('with its modules', async t => {
  const { spans, messages, lines, answers } = await unbundled
  t.strictSame(answers, Array(CALLS.length).fill('ok'))
  t.strictSame(
    spans.map(span => (span as { name: string }).name),
    ['SQS.SendMessage', 'SNS.Publish', 'SQS.SendMessage'],
  )
  t.strictSame(messages, MESSAGES)
  t.strictSame(lines, Array(LOGGERS).fill('fn'))
})

for (const bundler of BUNDLERS) {
  for (const format of ['cjs', 'esm'] as const) {
    t.test(`${bundler}, ${format}: as with its modules`, async t => {
      const files = await bundle(bundler, {
        entry: ENTRY,
        format,
        isMinified: format === 'cjs',
        external: bundler === 'esbuild' ? external : [],
      })
      t.strictSame(await run(files, false), await unbundled)
    })
  }
}

t.test('without the plugin it shows what the wire shows', async t => {
  const options = { entry: ENTRY, format: 'cjs', isMinified: true, external } as const
  const files = await bundle('esbuild', { ...options, hasPlugin: false })
  const { spans, messages, lines } = await run(files, false)
  t.strictSame(
    spans.map(span => (span as { name: string }).name),
    ['SQS.SendMessage', 'SNS', 'SQS.SendMessage'],
  )
  t.strictSame(Object.values(messages), [undefined, undefined, undefined])
  t.strictSame(lines, Array(LOGGERS).fill(undefined))
})

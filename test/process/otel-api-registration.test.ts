// What the function's code sets on the API's global beside the tracer, and SDKs that it sets up itself.
import { join } from 'node:path'
import { build } from 'esbuild'
import t, { type Test } from 'tap'
import { type StartedFunction, startFunction } from '../helpers/function.ts'
import { expectTree, startCollector, type TestCollector } from '../helpers/otlp.ts'

const PACKAGES = join(import.meta.dirname, '..', '..', 'node_modules')

async function bundle(code: string, minify: boolean): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: PACKAGES, loader: 'js' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    minify,
    write: false,
  })
  return outputFiles[0]?.text ?? ''
}

interface Run {
  readonly collector: TestCollector
  readonly fn: StartedFunction
  readonly result: unknown
}

async function run(
  t: Test,
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
): Promise<Run> {
  const collector = await startCollector()
  const fn = await startFunction({
    files,
    hasPackages: true,
    events: [{}],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env },
  })
  t.teardown(async () => {
    await fn[Symbol.asyncDispose]()
    await collector[Symbol.asyncDispose]()
  })
  await fn.answered(1)
  t.equal(fn.api.posts[0]?.operation, 'response', fn.stdout() + fn.stderr())
  return { collector, fn, result: JSON.parse(fn.api.posts[0]?.body ?? '') }
}

for (const copy of ['api-1-0', 'api-1-3', '@opentelemetry/api', 'api-1-10']) {
  const hasMetrics = copy !== 'api-1-0'
  const cjs = `const { trace, diag, metrics } = require('${copy}')`
  const esm = `import * as api from '${copy}'; const { trace, diag, metrics } = api`
  const body = (exported: string): string => `
    ${exported} = async () => {
      const lines = []
      const logger = Object.fromEntries(['error', 'warn', 'info', 'debug', 'verbose']
        .map(level => [level, line => lines.push(line)]))
      diag.setLogger(logger, 70)
      const provider = { getMeter: () => 'mine' }
      const isSet = ${hasMetrics} ? metrics.setGlobalMeterProvider(provider) : 'none'
      const meter = ${hasMetrics} ? metrics.getMeter('m') : 'none'
      const span = trace.getTracer('t').startSpan('late')
      span.end()
      span.setAttribute('a', 1).end()
      return { isSet, meter, late: lines.filter(line => line.startsWith('baton:')) }
    }`
  const forms: Readonly<Record<string, () => Promise<Record<string, string>>>> = {
    CommonJS: async () => ({ 'index.js': cjs + body('exports.handler') }),
    'ES module': async () => ({ 'index.mjs': esm + body('export const handler') }),
    bundled: async () => ({ 'index.js': await bundle(cjs + body('exports.handler'), false) }),
    minified: async () => ({ 'index.js': await bundle(esm + body('export const handler'), true) }),
  }
  for (const [form, files] of Object.entries(forms)) {
    t.test(`${copy}, ${form}: metrics and diag are the function's to set`, async t => {
      const { result } = await run(t, await files())
      t.strictSame(result, {
        isSet: hasMetrics ? true : 'none',
        meter: hasMetrics ? 'mine' : 'none',
        late: ['baton: setAttribute on the ended span late', 'baton: end on the ended span late'],
      })
    })
  }
}

t.test('copies of six versions share spans, context and baggage', async t => {
  const { collector, result } = await run(t, {
    'index.js': `
      const names = ['api-1-0', 'api-1-3', 'api-1-4', 'api-1-7', '@opentelemetry/api', 'api-1-10']
      const copies = names.map(name => require(name))
      exports.handler = async () => {
        const [first, ...others] = copies
        const { context, propagation, trace } = first
        const baggage = propagation.createBaggage({ tenant: { value: 'acme ü' } })
        const nest = ([api, ...rest], seen) => api === undefined ? seen :
          api.trace.getTracer('t').startActiveSpan('by ' + names[copies.indexOf(api)], span => {
            const active = copies.map(each => each.trace.getSpan(each.context.active()) === span)
            const tenant = copies.map(each =>
              each.propagation.getBaggage(each.context.active())?.getEntry('tenant')?.value)
            try { return nest(rest, [...seen, [active, tenant]]) } finally { span.end() }
          })
        return context.with(propagation.setBaggage(context.active(), baggage), () => nest(copies, []))
      }`,
  })
  const all = (value: unknown): unknown[] => Array.from({ length: 6 }, () => value)
  t.strictSame(result, all([all(true), all('acme ü')]))
  const spans = await collector.waitForSpans(7)
  expectTree(t, spans, [
    'fn',
    [
      'by api-1-0',
      ['by api-1-3', ['by api-1-4', ['by api-1-7', ['by @opentelemetry/api', ['by api-1-10']]]]],
    ],
  ])
})

t.test('without tracing the global is not there, and the API does nothing', async t => {
  const { result } = await run(
    t,
    {
      'index.js': `
        const { trace } = require('@opentelemetry/api')
        exports.handler = async () => {
          const key = Symbol.for('opentelemetry.js.api.1')
          const span = trace.getTracer('t').startSpan('s')
          return [key in globalThis, span.isRecording(), trace.getActiveSpan() === undefined]
        }`,
    },
    { OTEL_SDK_DISABLED: 'true' },
  )
  t.strictSame(result, [false, false, true])
})

const OWN_SDK = `
  const { trace, context } = require('@opentelemetry/api')
  const { NodeTracerProvider, SimpleSpanProcessor, InMemorySpanExporter } =
    require('@opentelemetry/sdk-trace-node')
  const exporter = new InMemorySpanExporter()
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  provider.register()`

t.test('a provider that the function registers leaves ours in its place: one trace', async t => {
  const { collector, result } = await run(t, {
    'index.js': `${OWN_SDK}
      exports.handler = async () => {
        trace.getTracer('mine').startActiveSpan('outer', outer => {
          // A tracer of the SDK's own, not by way of the API.
          provider.getTracer('mine').startSpan('by the SDK').end()
          outer.end()
        })
        const [span, ...others] = exporter.getFinishedSpans()
          return { others, ids: span.spanContext(), parentSpanContext: span.parentSpanContext }
      }`,
  })
  const spans = await collector.waitForSpans(2)
  expectTree(t, spans, ['fn', ['outer']])
  const outer = spans.find(span => span.name === 'outer')
  t.match(result, {
    others: [],
    ids: { traceId: outer?.traceId },
    parentSpanContext: { spanId: outer?.spanId },
  })
})

t.test('an SDK that was there before the runtime keeps its place', async t => {
  const { collector, result } = await run(
    t,
    {
      'first.cjs': `${OWN_SDK}\nglobalThis.exporter = exporter`,
      'index.js': `
        const { trace } = require('@opentelemetry/api')
        exports.handler = async () => {
          trace.getTracer('mine').startActiveSpan('outer', span => span.end())
          return globalThis.exporter.getFinishedSpans().map(span => span.name)
        }`,
    },
    { NODE_OPTIONS: '--require ./first.cjs' },
  )
  t.strictSame(result, ['outer'])
  t.strictSame(
    (await collector.waitForSpans(1)).map(span => span.name),
    ['fn'],
  )
})

t.test('what is set on the global in place of ours is what the API finds', async t => {
  const { collector, result } = await run(t, {
    'index.js': `
      const { trace, context, propagation } = require('@opentelemetry/api')
      ${OWN_SDK.replace(/const \{ trace.*\n/, '').replace('provider.register()', '')}
      exports.handler = async () => {
        for (const api of [trace, context, propagation]) api.disable()
        provider.register()
        trace.getTracer('mine').startActiveSpan('outer', span => span.end())
        return exporter.getFinishedSpans().map(span => span.name)
      }`,
  })
  t.strictSame(result, ['outer'])
  t.strictSame(
    (await collector.waitForSpans(1)).map(span => span.name),
    ['fn'],
  )
})

// @opentelemetry/api in the function's code: every 1.x copy, several at once, in modules and in bundles.
import { join } from 'node:path'
import { build } from 'esbuild'
import t from 'tap'
import { startFunction } from '../helpers/function.ts'
import { expectTree, startCollector } from '../helpers/otlp.ts'

const PACKAGES = join(import.meta.dirname, '..', '..', 'node_modules')

/** The same package in six versions, by the names under which they are installed. */
const COPIES: readonly string[] = [
  'api-1-0',
  'api-1-3',
  'api-1-4',
  'api-1-7',
  '@opentelemetry/api',
  'api-1-10',
]

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

/** Nobody listens there. */
const service = 'http://127.0.0.1:2/'
for (const copy of COPIES) {
  const cjs = `const { trace, context, propagation } = require('${copy}')`
  const esm = `import { trace, context, propagation } from '${copy}'`
  const body = `
    HANDLER = async () => {
      const active = trace.getSpan(context.active())
      active.setAttribute('who', 'me')
      await trace.getTracer('shop', '2.1').startActiveSpan('price', { attributes: { sku: 'a' } }, async span => {
        await fetch('${service}').catch(() => {})
        span.addEvent('priced').setStatus({ code: 1 })
        span.end()
      })
      const carrier = {}
      propagation.inject(context.active(), carrier)
      return { carrier, ids: active.spanContext() }
    }`
  const forms: Readonly<Record<string, () => Promise<Record<string, string>>>> = {
    CommonJS: async () => ({ 'index.js': cjs + body.replace('HANDLER', '\nexports.handler') }),
    'ES module': async () => ({
      'index.mjs': esm + body.replace('HANDLER', '\nexport const handler'),
    }),
    bundled: async () => ({
      'index.js': await bundle(cjs + body.replace('HANDLER', '\nexports.handler'), false),
    }),
    'bundled and minified': async () => ({
      'index.js': await bundle(esm + body.replace('HANDLER', '\nexport const handler'), true),
    }),
  }
  for (const [form, files] of Object.entries(forms)) {
    t.test(`${copy}, ${form}: its spans join the trace, and it finds the invocation's`, async t => {
      await using collector = await startCollector()
      await using fn = await startFunction({
        files: await files(),
        hasPackages: !form.startsWith('bundled'),
        events: [{}],
        env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
      })
      await fn.answered(1)
      const spans = await collector.waitForSpans(3)
      expectTree(t, spans, ['fn', ['price', ['GET']]])
      const [root, price] = ['fn', 'price'].map(name => spans.find(span => span.name === name))
      t.equal(root?.attributes.who, 'me')
      t.match(price, {
        kind: 'INTERNAL',
        scope: { name: 'shop', version: '2.1' },
        attributes: { sku: 'a' },
        events: [{ name: 'priced' }],
        status: { code: 'OK' },
      })
      t.equal(root?.scope.name, 'baton')
      const { carrier, ids } = JSON.parse(fn.api.posts[0]?.body ?? '')
      t.match(ids, { traceId: root?.traceId, spanId: root?.spanId })
      t.equal(carrier.traceparent, `00-${root?.traceId}-${root?.spanId}-01`)
      t.equal(fn.stdout() + fn.stderr(), '')
    })
  }
}

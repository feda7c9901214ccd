// What the documents show of output, against what is really written.
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { renderTrace } from '../../local/viewer/render-trace.ts'
import { bundle } from '../helpers/bundlers.ts'
import { type FunctionOptions, type StartedFunction, startFunction } from '../helpers/function.ts'
import { type CollectedSpan, startCollector } from '../helpers/otlp.ts'
import { forEachSnippet } from '../helpers/snippets.ts'
import { untilLogged } from '../helpers/streaming.ts'

type Check = (t: Test, shown: string) => Promise<void>

interface Run {
  readonly fn: StartedFunction
  readonly spans: readonly CollectedSpan[]
}

/** One invocation; `use` sees it before the process is ended, with at least the span of that name. */
async function serve(
  options: FunctionOptions,
  use: (run: Run) => unknown,
  span?: string,
): Promise<void> {
  await using collector = await startCollector()
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, NODE_NO_WARNINGS: '1', ...options.env }
  await using fn = await startFunction({ ...options, env })
  await fn.answered(1)
  const spans = await collector.waitForSpans(
    all => all.length > 0 && (span === undefined || all.some(({ name }) => name === span)),
  )
  await use({ fn, spans })
}

/** Depth and name of each span that is drawn; a name that was cut is whole again up to where it was cut. */
function rowsOf(drawn: string): { depth: number; name: string }[] {
  return drawn.split('\n').flatMap(line => {
    const bar = line.search(/[█▌▐]/)
    const [, tree = '', name = ''] = /^([│├└ ]*)(.*)$/.exec(line.slice(0, bar).trimEnd()) ?? []
    return bar === -1 ? [] : [{ depth: tree.length, name: name.replace(/…$/, '') }]
  })
}

const CHECKS: Readonly<Record<string, Check>> = {
  'README.md: trace 4bf92f3577b34da6a3ce929d0e0e4736': async (t, shown) => {
    // That it is what the demo prints is seen to by test/docs.test.ts, which runs it.
    t.strictSame(
      rowsOf(shown).map(({ name }) => name),
      ['POST /orders', 'DynamoDB.GetItem', 'POST', 'DynamoDB.PutItem'],
    )
  },

  'docs/propagation.md: traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-9f8b1c7de2a45310-01':
    async (t, shown) => {
      for (const line of shown.trim().split('\n')) {
        const [name = ''] = line.split(':', 1)
        const event = {
          ...{ version: '2.0', rawPath: '/a', requestContext: { http: { method: 'GET' } } },
          headers: { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
        }
        const files = { 'index.js': 'exports.handler = async () => ({ statusCode: 200 })' }
        const env = { BATON_RESPONSE_HEADER: name }
        await serve({ files, events: [event], env }, ({ fn, spans: [span] }) => {
          const { headers } = JSON.parse(fn.api.posts[0]?.body ?? '')
          const written = `${name}: ${headers[name]}`
          t.equal(written.replace(span?.spanId ?? 'none', '9f8b1c7de2a45310'), line)
        })
      }
    },

  'docs/bundles.md: baton: the bundle holds bunyan, winston, and nothing sees what is done with it. Bundle with the plugin of baton/esbuild, …':
    async (t, shown) => {
      const entry = fileURLToPath(import.meta.resolve('../fixtures/bundled/loggers.mjs'))
      const how = { entry, format: 'cjs', hasPlugin: false, external: ['dtrace-provider'] } as const
      const files = await bundle('esbuild', how)
      await serve({ files, events: [{}] }, async ({ fn }) => {
        await untilLogged(fn, /nothing sees/)
        const [line = ''] = fn.stdout().match(/(?<=\tWARN\t)baton: .*/) ?? []
        const start = shown.trim().replace(/…$/, '')
        t.equal(line.slice(0, start.length), start)
      })
    },

  'docs/spans.md: init                    ██████████████████████████   159 ms': async (
    t,
    shown,
  ) => {
    const names = rowsOf(shown).map(({ name }) => name)
    const code = `require('@aws-sdk/client-dynamodb'); require('winston'); require('express')
      exports.handler = async () => 1`
    const files = { 'index.js': code }
    const env = { BATON_INIT_SPANS: undefined }
    const use = ({ spans }: Run) => {
      const rows = rowsOf(renderTrace(spans, { width: 120, color: false }))
      const [, top] = rows
      t.equal(top?.name, 'init', 'the invocation is above it')
      const seen = rows.map(({ depth, name }) => ({ depth: depth - (top?.depth ?? 0), name }))
      // Below those it draws what they load in turn, as far as that took long enough.
      for (const { depth, name } of rowsOf(shown))
        t.ok(
          seen.some(row => row.depth === depth && row.name.startsWith(name)),
          `${name} at ${depth} in ${JSON.stringify(seen.slice(0, 10))}`,
        )
      const order = names.map(name => seen.findIndex(row => row.name.startsWith(name)))
      t.strictSame(
        order,
        [...order].sort((a, b) => a - b),
      )
    }
    await serve({ files, hasPackages: true, events: [{}], env }, use, 'init')
  },
}

t.test('output in the documents', async t => {
  await forEachSnippet(
    'text',
    CHECKS,
    (title, { text }, check) => t.test(title.slice(0, 60), t => check(t, text)),
    message => t.fail(message),
  )
})

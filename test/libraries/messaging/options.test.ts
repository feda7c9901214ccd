// Where a message's context goes, and what comes of one that somebody else sent.
import t from 'tap'
import { startFunction } from '../../helpers/function.ts'
import { installPackages, makeForm } from '../../helpers/library-forms.ts'
import { runLibrary } from '../../helpers/library-run.ts'
import { startCollector } from '../../helpers/otlp.ts'
import { startNats } from '../../helpers/servers/brokers.ts'

t.test('with BATON_INJECT=headers messages carry nothing', async t => {
  await using server = await startNats()
  const calls = await runLibrary({
    family: 'messaging',
    form: 'CommonJS',
    packages: 'older',
    source: 'nats.mjs',
    calls: ['connect', 'nested', 'close'],
    env: { SERVER_PORT: String(server.port), BATON_INJECT: 'headers' },
  })
  t.strictSame(calls[1]?.trees, [['publish a'], ['process a', ['publish b']]])
})

t.test(
  'a message of another trace is worked on in that one, with a link to the invocation',
  async t => {
    await using server = await startNats()
    await using collector = await startCollector()
    const family = 'messaging'
    const packages = await installPackages(family, 'older')
    const [name, text] = await makeForm({ family, source: 'nats.mjs', form: 'CommonJS', packages })
    await using fn = await startFunction({
      files: { [name]: text },
      hasPackages: packages,
      events: ['connect', 'ownContext', 'close'].map(call => ({ body: JSON.stringify({ call }) })),
      env: {
        SERVER_PORT: String(server.port),
        BATON_SHIP: 'now',
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      },
    })
    await fn.answered(3)
    const spans = await collector.waitForSpans(
      all => all.filter(span => 'faas.invocation_id' in span.attributes).length === 3,
    )
    const process = spans.find(span => span.name === 'process d')
    const invocation = spans.find(span => span.attributes['faas.invocation_id'] === 'req-1')
    t.equal(process?.traceId, '0af7651916cd43dd8448eb211c80319c')
    t.equal(process?.parentSpanId, 'b7ad6b7169203331')
    t.strictSame(
      process?.links.map(({ spanId }) => spanId),
      [invocation?.spanId],
    )
  },
)

// Where a message's context goes, and what comes of one that somebody else sent.
import t from 'tap'
import { startFunction } from '../../helpers/function.ts'
import { installPackages, makeForm } from '../../helpers/library-forms.ts'
import { runLibrary } from '../../helpers/library-run.ts'
import { startCollector } from '../../helpers/otlp.ts'
import { startNats } from '../../helpers/servers/brokers.ts'

async function nestedWith(env: Readonly<Record<string, string>>): Promise<unknown> {
  await using server = await startNats()
  const calls = await runLibrary({
    family: 'messaging',
    form: 'CommonJS',
    packages: 'older',
    source: 'nats.mjs',
    calls: ['connect', 'nested', 'close'],
    env: { SERVER_PORT: String(server.port), ...env },
  })
  return calls[1]?.trees
}

t.test('messages carry the context unless they are not to', async t => {
  const apart = [['publish a'], ['process a', ['publish b']]]
  const below = [['publish a', ['process a', ['publish b']]]]
  for (const inject of ['none', 'headers'])
    t.strictSame(await nestedWith({ BATON_INJECT: inject }), apart, inject)
  for (const inject of ['messages', 'payloads'])
    t.strictSame(await nestedWith({ BATON_INJECT: inject }), below, inject)
  // In whatever format.
  for (const propagators of ['xray', 'b3multi', 'jaeger'])
    t.strictSame(await nestedWith({ OTEL_PROPAGATORS: propagators }), below, propagators)
})

t.test('a library that is switched off has no spans', async t => {
  t.strictSame(await nestedWith({ OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'nats' }), [])
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

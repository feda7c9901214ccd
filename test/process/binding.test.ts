// Our sockets use a binding that Node may refuse: then node:net serves, and nothing else changes.
import t from 'tap'
import { NODE_MAJOR, startFunction } from '../helpers/function.ts'
import { startCollector } from '../helpers/otlp.ts'

t.test('under the permission model, which refuses process.binding', async t => {
  await using collector = await startCollector()
  await using fn = await startFunction({
    files: {
      'index.js': `
        let refusal
        try { process.binding('tcp_wrap') } catch (error) { refusal = error.code }
        exports.handler = async () => refusal`,
    },
    events: [{}, {}],
    env: {
      // Node 26 has the network among its permissions, and the others do not know the option.
      NODE_OPTIONS: `--permission --allow-fs-read=* ${NODE_MAJOR < 26 ? '' : '--allow-net'} --no-warnings`,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    },
  })
  await fn.answered(2)
  t.match(fn.api.posts, [{ body: '"ERR_ACCESS_DENIED"' }, { operation: 'response' }])
  t.equal((await collector.waitForSpans(2)).length, 2)
})

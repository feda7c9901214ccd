// The built bootstrap with OTEL_PROPAGATORS: what calls carry.
import t from 'tap'
import { startFunction } from '../helpers/function.ts'
import { startCollector } from '../helpers/otlp.ts'
import { TRACE_HEADER } from '../helpers/runtime-api.ts'
import { startService } from '../instrumentation/libraries/traced.ts'

const EVENT = {
  version: '2.0',
  routeKey: 'POST /orders',
  rawPath: '/orders',
  headers: {
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    baggage: 'tenant=acme',
  },
  requestContext: { http: { method: 'POST' } },
}

t.test('calls carry the formats that OTEL_PROPAGATORS names, by HTTP and by the store', async t => {
  await using collector = await startCollector()
  await using service = await startService()
  await using fn = await startFunction({
    files: {
      'index.mjs': `
        export const handler = async () => {
          await (await fetch(process.env.SERVICE_URL)).text()
          const store = awslambda.InvokeStore
          return [store.getTraceparent(), store.getBaggage(), store.getXRayTraceId()]
        }`,
    },
    events: [EVENT],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      SERVICE_URL: service.url,
      OTEL_PROPAGATORS: 'b3,jaeger,zipkin',
    },
  })
  await fn.answered(1)
  const [call] = await collector.waitForSpans(2)
  const [headers] = service.seen.map(each => each.headers)
  t.match(headers, {
    b3: `${call?.traceId}-${call?.spanId}-1`,
    'uber-trace-id': `${call?.traceId}:${call?.spanId}:0:1`,
  })
  for (const name of ['traceparent', 'baggage', 'x-amzn-trace-id']) t.notOk(headers?.[name], name)
  t.strictSame(JSON.parse(fn.api.posts[0]?.body ?? ''), [null, null, TRACE_HEADER])
  t.match(fn.stdout(), /OTEL_PROPAGATORS: expected .*, got "zipkin"; the rest is used/)
})

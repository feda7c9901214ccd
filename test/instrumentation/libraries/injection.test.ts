// Which headers a traced request gets, by both of Node's HTTP clients.
import { request } from 'node:http'
import t from 'tap'
import { readAll } from './node-requests.ts'
import { startService, startTraced, TRACE_ID } from './traced.ts'

const LINEAGE = 'Lineage=1:a87bd80c:0'
const TRACE_HEADER = `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0;${LINEAGE}`

type Send = (url: string, headers: Record<string, string>) => Promise<unknown>

const CLIENTS: Readonly<Record<string, Send>> = {
  fetch: async (url, headers) => (await fetch(url, { headers })).text(),
  'node:http': (url, headers) => readAll(request(url, { headers }).end()),
}

for (const [name, send] of Object.entries(CLIENTS)) {
  t.test(`${name}: a request carries every format that is wanted`, async t => {
    await using service = await startService()
    const traced = startTraced({
      propagators: ['b3', 'xray', 'jaeger', 'baggage'],
      baggage: 'tenant=acme',
      traceHeader: TRACE_HEADER,
    })
    await traced.run(() => send(service.url, {}))
    const [span] = await traced.whenEnded(1)
    const spanId = span?.context.spanId
    const { headers } = await service.request(0)
    t.match(headers, {
      b3: `${TRACE_ID}-${spanId}-1`,
      'x-amzn-trace-id': `Root=1-${TRACE_ID.slice(0, 8)}-${TRACE_ID.slice(8)};Parent=${spanId};Sampled=1;${LINEAGE}`,
      'uber-trace-id': `${TRACE_ID}:${spanId}:0:1`,
      'uberctx-tenant': 'acme',
      baggage: 'tenant=acme',
    })
    t.equal(headers.traceparent, undefined)
  })

  t.test(`${name}: what the code has set stands, in any case`, async t => {
    await using service = await startService()
    const traced = startTraced({
      propagators: ['tracecontext', 'baggage', 'xray', 'b3'],
      baggage: 'tenant=acme',
    })
    await traced.run(() => send(service.url, { B3: '0', Baggage: 'own=1' }))
    await traced.run(() => send(service.url, { TraceParent: 'own' }))
    const spans = await traced.whenEnded(2)
    const [first, second] = [await service.request(0), await service.request(1)]
    t.match(first.headers, {
      b3: '0',
      baggage: 'own=1',
      traceparent: `00-${TRACE_ID}-${spans[0]?.context.spanId}-01`,
      'x-amzn-trace-id': /^Root=/,
    })
    t.equal(second.headers.traceparent, 'own')
    for (const header of ['b3', 'baggage', 'x-amzn-trace-id'])
      t.equal(second.headers[header], undefined, header)
  })

  t.test(`${name}: a signed request and propagators=none get nothing`, async t => {
    await using service = await startService()
    const traced = startTraced({ propagators: ['xray', 'b3'] })
    await traced.run(() =>
      send(service.url, { Authorization: 'AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host' }),
    )
    const silent = startTraced({ propagators: ['none'], baggage: 'a=1' })
    await silent.run(() => send(service.url, {}))
    await Promise.all([traced.whenEnded(1), silent.whenEnded(1)])
    for (const index of [0, 1]) {
      const { headers } = await service.request(index)
      for (const header of ['b3', 'x-amzn-trace-id', 'traceparent', 'baggage'])
        t.equal(headers[header], undefined, header)
    }
  })

  t.test(`${name}: a request that AWS SDK v3 has signed gets what it has not`, async t => {
    await using service = await startService()
    const traced = startTraced({ propagators: ['tracecontext', 'xray'] })
    const own = 'Root=1-5759e988-bd862e3fe1be46a994272793'
    await traced.run(() =>
      send(service.url, {
        Authorization: 'AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host',
        'amz-sdk-invocation-id': '9a1c',
        'X-Amzn-Trace-Id': own,
      }),
    )
    const [span] = await traced.whenEnded(1)
    t.match((await service.request(0)).headers, {
      authorization: 'AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host',
      traceparent: `00-${TRACE_ID}-${span?.context.spanId}-01`,
      'x-amzn-trace-id': own,
    })
  })
}

// Our spans in a real Zipkin: sent by the transport, read back by Zipkin's own API.
import t from 'tap'
import { encodeHead } from '../../instrumentation/export/otlp-encoder.ts'
import type { SpanBatch } from '../../instrumentation/export/transport.ts'
import { createZipkinTransport } from '../../instrumentation/export/transports/zipkin.ts'
import type { Span, SpanInit } from '../../instrumentation/trace/span.ts'
import { createHttpClient } from '../../runtime/api/http-client.ts'
import { startRandom } from '../helpers/random.ts'
import { batchOf, startSpan } from '../instrumentation/export/decode.ts'
import { randomSpan } from '../instrumentation/export/random-span.ts'
import { startZipkinServer } from './zipkin-server.ts'

const TIMEOUT_MS = 30_000
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const ROOT_ID = 'b7ad6b7169203331'
const HEAD = encodeHead({ 'service.name': 'Orders', 'faas.name': 'fn' }, 'baton', '1.2.3')

const zipkin = await startZipkinServer()
t.teardown(() => zipkin[Symbol.asyncDispose]())

async function send(batch: SpanBatch): Promise<unknown> {
  const clients: { close(): void }[] = []
  const transport = createZipkinTransport({
    url: new URL(`${zipkin.url}/api/v2/spans`),
    userAgent: 'baton/1.2.3',
    openHttpClient: options => {
      const client = createHttpClient(options)
      clients.push(client)
      return client
    },
  })
  const result = await transport.send(batch, TIMEOUT_MS)
  for (const client of clients) client.close()
  return result
}

function spanOf(fields: Partial<SpanInit> & { readonly spanId: string }): Span {
  const context = { ...startSpan().context, traceId: TRACE_ID, spanId: fields.spanId }
  return startSpan({ startMs: Date.now() - 1000, ...fields, context })
}

t.test('a trace reads back as it was sent', async t => {
  const root = spanOf({ spanId: ROOT_ID, name: 'GET /orders/{id}', kind: 2 })
  root.setAttributes({ 'http.route': '/orders/{id}', list: ['a', 'b'], cold: true })
  root.addEvent('exception', root.startMs + 1.25, { 'exception.type': 'TypeError' })
  root.setError('')
  root.end(root.startMs + 150.5)
  const call = spanOf({ spanId: '00f067aa0ba902b7', parentSpanId: ROOT_ID, name: 'POST', kind: 3 })
  call.setAttributes({ 'network.peer.address': '10.1.2.3', 'network.peer.port': 443 })
  call.end(call.startMs)
  const publish = spanOf({
    spanId: '00f067aa0ba902b8',
    parentSpanId: ROOT_ID,
    name: 'send',
    kind: 4,
  })
  publish.setAttribute('peer.service', 'queue')
  publish.end(publish.startMs + 1)
  t.strictSame(await send(batchOf(HEAD, [root, call, publish])), { status: 'accepted' })
  const trace = (await zipkin.query(`/trace/${TRACE_ID}`)) as readonly { id: string }[]
  t.equal(trace.length, 3)
  // Zipkin writes names and services in lower case.
  t.match(
    trace.find(each => each.id === ROOT_ID),
    {
      traceId: TRACE_ID,
      parentId: undefined,
      kind: 'SERVER',
      name: 'get /orders/{id}',
      timestamp: Math.floor(root.startMs * 1000),
      duration: 150_500,
      localEndpoint: { serviceName: 'orders' },
      annotations: [{ value: '"exception": {"exception.type":"TypeError"}' }],
      tags: {
        'faas.name': 'fn',
        'http.route': '/orders/{id}',
        list: '["a","b"]',
        cold: 'true',
        error: '',
        'otel.status_code': 'ERROR',
        'otel.scope.name': 'baton',
      },
    },
  )
  t.match(
    trace.find(each => each.id === '00f067aa0ba902b7'),
    {
      parentId: ROOT_ID,
      kind: 'CLIENT',
      duration: 1,
      remoteEndpoint: { ipv4: '10.1.2.3', port: 443 },
    },
  )
  t.match(
    trace.find(each => each.id === '00f067aa0ba902b8'),
    {
      kind: 'PRODUCER',
      remoteEndpoint: { serviceName: 'queue' },
    },
  )
})

t.test('a call by name is a line on the map of dependencies', async t => {
  const endTs = Date.now() + 60_000
  const links = await zipkin.query(`/dependencies?endTs=${endTs}&lookback=86400000`)
  t.match(links, [{ parent: 'orders', child: 'queue' }])
})

t.test('random spans with anything in them are taken, each of them', async t => {
  const random = startRandom()
  t.comment(`BATON_FUZZ_SEED=${random.seed}`)
  for (let round = 0; round < 10; round++) {
    const spans = Array.from({ length: 20 }, () => randomSpan(random))
    t.strictSame(await send(batchOf(HEAD, spans)), { status: 'accepted' })
    for (const { context } of spans) {
      const trace = (await zipkin.query(`/trace/${context.traceId}`)) as readonly { id: string }[]
      t.equal(trace[0]?.id, context.spanId)
    }
  }
})

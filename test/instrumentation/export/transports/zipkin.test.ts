// Batches on their way to Zipkin over real sockets: what is sent, and what each answer means for the batch.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { encodeHead } from '../../../../instrumentation/export/otlp-encoder.ts'
import type { SpanBatch, Transport } from '../../../../instrumentation/export/transport.ts'
import {
  createZipkinTransport,
  DEFAULT_ZIPKIN_ENDPOINT,
} from '../../../../instrumentation/export/transports/zipkin.ts'
import { type LoopbackServer, serveLoopback } from '../../../../local/http/loopback-server.ts'
import { createHttpClient } from '../../../../runtime/api/http-client.ts'
import { batchOf, encodedSpan, startSpan } from '../decode.ts'
import { findZipkinFlaws } from '../zipkin-api.ts'

const TIMEOUT_MS = 60_000
const HEAD = encodeHead({ 'service.name': 'fn' }, 'baton', '1.2.3')

function spans(...names: readonly string[]): SpanBatch {
  const ended = names.map(name => {
    const span = startSpan({ name, kind: 3 })
    span.setAttribute('server.address', 'api.example')
    span.end(1_700_000_000_001)
    return span
  })
  return batchOf(HEAD, ended)
}

function connect(t: Test, url: string): Transport {
  return createZipkinTransport({
    url: new URL(url),
    userAgent: 'baton/1.2.3',
    openHttpClient: options => {
      const client = createHttpClient(options)
      t.teardown(() => client.close())
      return client
    },
  })
}

interface Received {
  readonly request: IncomingMessage
  readonly spans: readonly Record<string, unknown>[]
}

interface Zipkin extends LoopbackServer {
  readonly received: readonly Received[]
  readonly endpoint: string
}

/** Takes everything, unless `answer` says something else. */
async function startZipkin(
  answer: (response: ServerResponse, received: Received) => void = response =>
    response.writeHead(202).end(),
): Promise<Zipkin> {
  const received: Received[] = []
  const loopback = await serveLoopback(
    createServer(async (request, response) => {
      const one = { request, spans: JSON.parse(await text(request)) }
      received.push(one)
      answer(response, one)
    }),
  )
  return { ...loopback, received, endpoint: `${loopback.url}/api/v2/spans` }
}

t.test('the default endpoint is the one that OpenTelemetry names', async t => {
  t.equal(DEFAULT_ZIPKIN_ENDPOINT, 'http://localhost:9411/api/v2/spans')
})

t.test("a batch is one list of spans, as the API's definition wants them", async t => {
  await using zipkin = await startZipkin()
  const transport = connect(t, `${zipkin.endpoint}?key=1`)
  t.strictSame(await transport.send(spans('a', 'b'), TIMEOUT_MS), { status: 'accepted' })
  const [only] = zipkin.received
  t.match(only?.request, {
    method: 'POST',
    url: '/api/v2/spans?key=1',
    headers: { 'content-type': 'application/json', 'user-agent': 'baton/1.2.3' },
  })
  t.match(only?.spans, [
    {
      name: 'a',
      localEndpoint: { serviceName: 'fn' },
      remoteEndpoint: { serviceName: 'api.example' },
    },
    { name: 'b' },
  ])
  t.strictSame(only?.spans.flatMap(findZipkinFlaws), [])
  t.equal(zipkin.received.length, 1)
})

for (const [statuses, expected] of [
  [[200, 202, 204], { status: 'accepted' }],
  [[408, 429, 502, 503, 504], { status: 'retry', maxAttempts: undefined }],
  [[500, 501, 507], { status: 'retry', maxAttempts: 3 }],
  [[301, 400, 401, 403, 404, 415], { status: 'rejected' }],
] as const) {
  for (const status of statuses) {
    t.test(`${status} means ${JSON.stringify(expected)}`, async t => {
      await using zipkin = await startZipkin(response => response.writeHead(status).end())
      t.match(await connect(t, zipkin.endpoint).send(spans('a'), TIMEOUT_MS), expected)
    })
  }
}

t.test('Retry-After is passed on', async t => {
  await using zipkin = await startZipkin(response =>
    response.writeHead(503, { 'Retry-After': '7' }).end(),
  )
  const result = await connect(t, zipkin.endpoint).send(spans('a'), TIMEOUT_MS)
  t.match(result, { status: 'retry', afterMs: 7000 })
})

t.test('a server that finds a batch too large gets it in halves', async t => {
  await using zipkin = await startZipkin((response, { spans }) =>
    response.writeHead(spans.length > 1 ? 413 : 202).end(),
  )
  const transport = connect(t, zipkin.endpoint)
  t.strictSame(await transport.send(spans('a', 'b', 'c'), TIMEOUT_MS), { status: 'accepted' })
  const taken = zipkin.received.filter(each => each.spans.length === 1)
  t.strictSame(
    taken.map(each => each.spans[0]?.name),
    ['a', 'b', 'c'],
  )
})

t.test('damaged spans are refused with their count, the others are sent', async t => {
  await using zipkin = await startZipkin()
  const whole = spans('a')
  const damaged = encodedSpan('b').subarray(0, 20)
  const batch = { head: HEAD, spans: Buffer.concat([whole.spans, damaged]), count: 2 }
  t.match(await connect(t, zipkin.endpoint).send(batch, TIMEOUT_MS), {
    status: 'accepted',
    refused: { count: 1, reason: /damaged/ },
  })
  t.match(zipkin.received[0]?.spans, [{ name: 'a' }])
})

t.test(
  'nobody there, a reset and a hang mean retry, and the next batch is sent as ever',
  async t => {
    let isBad = true
    const zipkin = await startZipkin((response, { request }) => {
      if (isBad) request.socket.resetAndDestroy()
      else response.writeHead(202).end()
    })
    const transport = connect(t, zipkin.endpoint)
    t.match(await transport.send(spans('a'), TIMEOUT_MS), { status: 'retry', reason: /\w/ })
    isBad = false
    t.match(await transport.send(spans('b'), TIMEOUT_MS), { status: 'accepted' })
    await zipkin[Symbol.asyncDispose]()
    t.match(await transport.send(spans('c'), TIMEOUT_MS), { status: 'retry', reason: /\w/ })
    await using silent = await startZipkin(() => {})
    const result = await connect(t, silent.endpoint).send(spans('a'), 50)
    t.match(result, { status: 'retry', reason: /50 ms/ })
  },
)

// Batches on their way to a collector over real sockets: what is sent, and what each answer means for the batch.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import t, { type Test } from 'tap'
import { ByteWriter } from '../../../instrumentation/export/byte-writer.ts'
import { encodeHead, encodeSpan } from '../../../instrumentation/export/otlp-encoder.ts'
import type { SendResult, SpanBatch, Transport } from '../../../instrumentation/export/transport.ts'
import {
  createOtlpHttpTransport,
  type OtlpHttpOptions,
} from '../../../instrumentation/export/transports/otlp-http.ts'
import { type LoopbackServer, serveLoopback } from '../../../local/http/loopback-server.ts'
import { createHttpClient } from '../../../runtime/api/http-client.ts'
import type { HttpClient } from '../../../runtime/contract.ts'
import { startCollector, type TestCollector } from '../../helpers/otlp.ts'
import { endedSpan } from './decode.ts'

const TIMEOUT_MS = 60_000
const HEAD = encodeHead({ 'service.name': 'fn' }, 'baton', '1.2.3')

function spans(...names: readonly string[]): SpanBatch {
  const writer = new ByteWriter()
  for (const name of names) encodeSpan(writer, endedSpan({ name }))
  return { head: HEAD, spans: writer.copy(), count: names.length }
}

function connect(t: Test, url: string, fields: Partial<OtlpHttpOptions> = {}): Transport {
  const clients: HttpClient[] = []
  t.teardown(() => {
    for (const client of clients) client.close()
  })
  return createOtlpHttpTransport({
    url: new URL(url),
    headers: {},
    userAgent: 'baton/1.2.3',
    openHttpClient: options => {
      const client = createHttpClient(options)
      clients.push(client)
      return client
    },
    ...fields,
  })
}

const tracesUrl = (collector: TestCollector): string => `${collector.url}/v1/traces`

const send = (transport: Transport): Promise<SendResult> => transport.send(spans('a'), TIMEOUT_MS)

/** A server that answers each request in a way of its own. */
function serve(
  answer: (response: ServerResponse, request: IncomingMessage) => void,
): Promise<LoopbackServer> {
  return serveLoopback(
    createServer((request, response) => {
      request.resume().on('end', () => answer(response, request))
    }),
  )
}

t.test('a batch arrives with its resource and scope, as protobuf', async t => {
  await using collector = await startCollector()
  const transport = connect(t, tracesUrl(collector))
  t.strictSame(await transport.send(spans('a', 'b'), TIMEOUT_MS), { status: 'accepted' })
  t.strictSame(
    collector.spans.map(span => span.attributes.name),
    ['a', 'b'],
  )
  t.match(collector.spans[0], {
    resource: { 'service.name': 'fn' },
    scope: { name: 'baton', version: '1.2.3' },
  })
  t.match(collector.requests[0], {
    method: 'POST',
    path: '/v1/traces',
    headers: { 'content-type': 'application/x-protobuf', 'user-agent': 'baton/1.2.3' },
  })
  t.equal(collector.requests[0]?.headers['transfer-encoding'], undefined)
})

for (const [address, path] of [
  ['', '/'],
  ['/', '/'],
  ['/v1/traces', '/v1/traces'],
  ['/a%20b/?key=1&x=%26#fragment', '/a%20b/?key=1&x=%26'],
  ['/v1/traces?', '/v1/traces'],
] as const) {
  t.test(`the address ...${address} is asked as ${path}`, async t => {
    await using collector = await startCollector()
    await send(connect(t, `${collector.url}${address}`))
    t.equal(collector.requests[0]?.path, path)
  })
}

t.test('headers of the user are sent along, and win over ours', async t => {
  await using collector = await startCollector()
  const headers = { 'x-api-key': 'k', 'user-agent': 'own', 'X-Scope-OrgID': 'tenant 1' }
  await send(connect(t, collector.url, { headers }))
  t.match(collector.requests[0]?.headers, {
    'x-api-key': 'k',
    'user-agent': 'own',
    'x-scope-orgid': 'tenant 1',
    'content-type': 'application/x-protobuf',
  })
})

const basic = (credentials: string): string =>
  `Basic ${Buffer.from(credentials).toString('base64')}`

for (const [userinfo, authorization] of [
  ['', undefined],
  ['user:pass@', basic('user:pass')],
  ['user@', basic('user:')],
  ['us%40er:p%3Aa%C3%A9@', basic('us@er:p:aé')],
] as const) {
  t.test(`credentials "${userinfo}" in the address are sent as ${authorization}`, async t => {
    await using collector = await startCollector()
    await send(connect(t, `http://${userinfo}127.0.0.1:${collector.port}/`))
    t.equal(collector.requests[0]?.headers.authorization, authorization)
  })
}

t.test('credentials with a percent sign that encodes nothing do not stop the function', async t => {
  await using collector = await startCollector()
  t.doesNotThrow(() => connect(t, `http://us%er:100%@127.0.0.1:${collector.port}/`))
})

for (const name of ['Authorization', 'authorization', 'AUTHORIZATION']) {
  t.test(`${name} among the headers wins over credentials in the address`, async t => {
    const seen: string[] = []
    await using server = await serve((response, { rawHeaders }) => {
      seen.push(
        ...rawHeaders.filter((_, index) => /^authorization$/i.test(rawHeaders[index - 1] ?? '')),
      )
      response.end()
    })
    const headers = { [name]: 'Bearer token' }
    await send(connect(t, `http://user:pass@127.0.0.1:${server.port}/`, { headers }))
    t.strictSame(seen, ['Bearer token'])
  })
}

for (const [statuses, expected] of [
  [[200, 202, 204, 299], 'accepted'],
  [[429, 502, 503, 504], 'retry'],
  [[400, 401, 403, 404, 405, 408, 415, 501], 'rejected'],
] as const) {
  for (const status of statuses) {
    t.test(`${status} means ${expected}`, async t => {
      await using server = await serve(response => response.writeHead(status).end('why'))
      const result = await send(connect(t, server.url))
      t.strictSame(
        result,
        expected === 'accepted'
          ? { status: expected }
          : { status: expected, reason: `the collector answered ${status}` },
      )
    })
  }
}

t.test('500 may pass: it is tried again, and not for ever', async t => {
  await using server = await serve(response => response.writeHead(500).end())
  const reason = 'the collector answered 500'
  t.strictSame(await send(connect(t, server.url)), { status: 'retry', reason, maxAttempts: 5 })
})

for (const [status, expected] of [
  [200, 'accepted'],
  [400, 'rejected'],
  [503, 'retry'],
] as const) {
  t.test(`${status} and then half an answer means ${expected}`, async t => {
    await using server = await serve((response, { socket }) => {
      response.writeHead(status, { 'Content-Length': 10 }).write('half')
      socket.end()
    })
    t.match(await send(connect(t, server.url)), { status: expected })
  })
}

t.test('a batch that the collector took is not sent again for a long answer', async t => {
  await using server = await serve(response => response.end('x'.repeat(100_000)))
  t.not((await send(connect(t, server.url))).status, 'retry')
})

t.test(
  'a reset, a hang and nobody there mean retry, and the next batch is sent as ever',
  async t => {
    await using collector = await startCollector({ reset: true })
    const transport = connect(t, tracesUrl(collector))
    t.match(await send(transport), { status: 'retry', reason: /\w/ })
    collector.setFault({ hang: true })
    t.match(await transport.send(spans('a'), 30), { status: 'retry', reason: /within \d+ ms/ })
    collector.setFault(undefined)
    t.match(await transport.send(spans('b'), TIMEOUT_MS), { status: 'accepted' })
    t.equal(collector.spans.length, 1)
    await collector[Symbol.asyncDispose]()
    t.match(await send(transport), { status: 'retry', reason: /\w/ })
  },
)

t.test('what does not speak HTTP means retry', async t => {
  await using server = await serve(({ socket }) => socket?.end('SSH-2.0-OpenSSH\r\n\r\n'))
  t.match(await send(connect(t, server.url)), { status: 'retry' })
})

t.test('a header that cannot be sent means rejected, and its value is not told', async t => {
  await using collector = await startCollector()
  for (const value of ['s3cret\r\nX-Evil: 1', 's3crét']) {
    const result = await send(connect(t, collector.url, { headers: { 'X-Api-Key': value } }))
    t.match(result, { status: 'rejected', reason: /X-Api-Key/ })
    t.notMatch(JSON.stringify(result), /s3cr/)
  }
  t.equal(collector.requests.length, 0)
})

t.test('batches share one connection, opened with the first of them', async t => {
  await using collector = await startCollector()
  let opened = 0
  const transport = connect(t, tracesUrl(collector), {
    openHttpClient: options => {
      opened++
      const client = createHttpClient(options)
      t.teardown(() => client.close())
      return client
    },
  })
  t.equal(opened, 0)
  for (let batch = 0; batch < 3; batch++) t.match(await send(transport), { status: 'accepted' })
  t.equal(opened, 1)
})

for (const [address, host, port] of [
  ['http://collector.example/v1/traces', 'collector.example', 80],
  ['http://collector.example:4318/v1/traces', 'collector.example', 4318],
  ['http://[::1]:4318/v1/traces', '::1', 4318],
  ['https://collector.example/v1/traces', 'collector.example', 443],
  ['https://[2001:db8::1]:8443/v1/traces', '2001:db8::1', 8443],
] as const) {
  t.test(`${address} is looked for at ${host}, port ${port}`, async t => {
    await using collector = await startCollector()
    const opened: unknown[] = []
    const transport = connect(t, address, {
      openHttpClient: options => {
        opened.push([options.host, options.port])
        const { port } = collector
        const client = createHttpClient({ host: '127.0.0.1', port })
        t.teardown(() => client.close())
        return client
      },
    })
    t.match(await send(transport), { status: 'accepted' })
    t.strictSame(opened, [[host, port]])
  })
}

t.test('three megabytes of spans arrive', async t => {
  await using collector = await startCollector()
  const writer = new ByteWriter()
  for (let count = 0; count < 30; count++)
    encodeSpan(writer, endedSpan({ long: 'é'.repeat(50_000) }))
  const batch = { head: HEAD, spans: writer.copy(), count: 30 }
  t.match(await connect(t, tracesUrl(collector)).send(batch, TIMEOUT_MS), { status: 'accepted' })
  t.equal(collector.spans.length, 30)
})

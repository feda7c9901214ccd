// Protobuf and JSON, plain and compressed, to a real collector; and what its answers mean beyond their status.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { gunzipSync } from 'node:zlib'
import root from '@opentelemetry/otlp-transformer/build/src/generated/root.js'
import t, { type Test } from 'tap'
import { ByteWriter } from '../../../../instrumentation/export/byte-writer.ts'
import { encodeHead, encodeSpan } from '../../../../instrumentation/export/otlp-encoder.ts'
import type { SpanBatch, Transport } from '../../../../instrumentation/export/transport.ts'
import {
  createOtlpHttpTransport,
  type OtlpHttpOptions,
} from '../../../../instrumentation/export/transports/otlp-http.ts'
import { type LoopbackServer, serveLoopback } from '../../../../local/http/loopback-server.ts'
import { createHttpClient } from '../../../../runtime/api/http-client.ts'
import { startCollector } from '../../../helpers/otlp.ts'
import { endedSpan } from '../decode.ts'

const TIMEOUT_MS = 60_000
const HEAD = encodeHead({ 'service.name': 'fn' }, 'baton', '1.2.3')
const ATTRIBUTES = { text: 'é "\u0000', yes: true, whole: 2 ** 53 - 1, part: 0.1, list: ['a', 'b'] }

function batchOf(count: number, attributes = {}): SpanBatch {
  const writer = new ByteWriter()
  for (let index = 0; index < count; index++)
    encodeSpan(writer, endedSpan({ index, ...ATTRIBUTES, ...attributes }))
  return { head: HEAD, spans: writer.copy(), count }
}

function connect(t: Test, url: string, fields: Partial<OtlpHttpOptions> = {}): Transport {
  return createOtlpHttpTransport({
    url: new URL(url),
    headers: {},
    userAgent: 'baton',
    openHttpClient: options => {
      const client = createHttpClient(options)
      t.teardown(() => client.close())
      return client
    },
    ...fields,
  })
}

function serve(
  answer: (response: ServerResponse, request: IncomingMessage) => void,
): Promise<LoopbackServer> {
  return serveLoopback(
    createServer((request, response) => {
      request.resume().on('end', () => answer(response, request))
    }),
  )
}

for (const protocol of ['http/protobuf', 'http/json'] as const) {
  for (const compression of ['none', 'gzip'] as const) {
    t.test(`${protocol}, compression ${compression}: the collector has the spans`, async t => {
      await using collector = await startCollector()
      const transport = connect(t, `${collector.url}/v1/traces`, {
        format: { protocol, compression },
      })
      // The second one is compressed in a thread.
      for (const batch of [batchOf(2), batchOf(3, { long: 'x'.repeat(100_000) })])
        t.strictSame(await transport.send(batch, TIMEOUT_MS), { status: 'accepted' })
      t.strictSame(
        collector.spans.map(span => span.attributes.index),
        [0, 1, 0, 1, 2],
      )
      const [span] = collector.spans
      t.match(span, {
        traceId: '0af7651916cd43dd8448eb211c80319c',
        spanId: 'b7ad6b7169203331',
        resource: { 'service.name': 'fn' },
        scope: { name: 'baton', version: '1.2.3' },
        attributes: ATTRIBUTES,
        startTimeUnixNano: 1_700_000_000_000_000_000n,
      })
      const headers = collector.requests[0]?.headers
      const type = protocol === 'http/json' ? 'application/json' : 'application/x-protobuf'
      t.equal(headers?.['content-type'], type)
      t.equal(headers?.['content-encoding'], compression === 'gzip' ? 'gzip' : undefined)
      const [first, second] = collector.requests
      if (compression === 'gzip') t.ok(gunzipSync(second?.body ?? '').length > 300_000)
      t.equal(first?.headers['content-length'], String(first?.body.length))
    })
  }
}

t.test(
  'spans that cannot be written as JSON are rejected: they would not be any better',
  async t => {
    const format = { protocol: 'http/json', compression: 'none' } as const
    const transport = connect(t, 'http://127.0.0.1:9/', { format })
    const batch = { head: HEAD, spans: Buffer.from([0x12, 0x7f, 1]), count: 1 }
    t.match(await transport.send(batch, TIMEOUT_MS), { status: 'rejected' })
  },
)

interface Generated {
  encode(message: object): { finish(): Uint8Array }
}
const { ExportTraceServiceResponse } = (
  root as unknown as {
    opentelemetry: {
      proto: { collector: { trace: { v1: { ExportTraceServiceResponse: Generated } } } }
    }
  }
).opentelemetry.proto.collector.trace.v1

for (const [rejected, count] of [
  [1, 1],
  [3, 3],
  [4, 3],
] as const) {
  t.test(`${rejected} spans of 3 refused by a partial success count as ${count}`, async t => {
    await using server = await serve(response => {
      response.setHeader('Content-Type', 'application/x-protobuf')
      const partialSuccess = { rejectedSpans: rejected, errorMessage: 'too old\n' }
      response.end(ExportTraceServiceResponse.encode({ partialSuccess }).finish())
    })
    t.strictSame(await connect(t, server.url).send(batchOf(3), TIMEOUT_MS), {
      status: 'accepted',
      refused: { count, reason: 'too old' },
    })
  })
}

for (const [status, value, afterMs] of [
  [429, '7', 7000],
  [503, '7', 7000],
  [503, '9999', 300_000],
  [503, 'later', undefined],
  [400, '7', undefined],
] as const) {
  t.test(`${status} with Retry-After: ${value} means ${afterMs} ms`, async t => {
    await using server = await serve(response =>
      response.writeHead(status, { 'Retry-After': value }).end(),
    )
    const result = await connect(t, server.url).send(batchOf(1), TIMEOUT_MS)
    t.strictSame(result, {
      status: status === 400 ? 'rejected' : 'retry',
      reason: `the collector answered ${status}`,
      ...(afterMs !== undefined && { afterMs }),
    })
  })
}

t.test(
  "a refusal is told in the collector's words, without what it repeats of the headers",
  async t => {
    await using server = await serve((response, request) => {
      response.writeHead(400, { 'Content-Type': 'application/json' })
      const message = `no\u0007 such tenant: ${request.headers['x-api-key']}`
      response.end(JSON.stringify({ code: 3, message }))
    })
    const transport = connect(t, server.url, { headers: { 'x-api-key': 's3cret-key' } })
    t.strictSame(await transport.send(batchOf(1), TIMEOUT_MS), {
      status: 'rejected',
      reason: 'the collector answered 400: no such tenant: [redacted]',
    })
  },
)

t.test('a redirect is not followed, and that is said', async t => {
  await using other = await serve(response => response.end())
  let seen = 0
  await using server = await serve(response => {
    seen++
    response.writeHead(307, { Location: other.url }).end()
  })
  t.strictSame(await connect(t, server.url).send(batchOf(1), TIMEOUT_MS), {
    status: 'rejected',
    reason: 'the collector answered 307, and redirects are not followed',
  })
  t.equal(seen, 1)
})

t.test('a collector with a limit gets all spans but the one that is above it', async t => {
  const limit = 5000
  let refusals = 0
  await using server = await serve((response, request) => {
    if (Number(request.headers['content-length']) > limit) {
      refusals++
      response.writeHead(413).end()
    } else response.end()
  })
  const writer = new ByteWriter()
  for (let index = 0; index < 60; index++)
    encodeSpan(writer, endedSpan({ index, long: 'x'.repeat(index === 40 ? limit : 100) }))
  const batch = { head: HEAD, spans: writer.copy(), count: 60 }
  t.match(await connect(t, server.url).send(batch, TIMEOUT_MS), {
    status: 'accepted',
    refused: { count: 1, reason: /^the collector answered 413/ },
  })
  t.ok(refusals < 10, `${refusals} refusals`)
})

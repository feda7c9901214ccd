// The collector as an exporter meets it: over HTTP.
import { gzipSync } from 'node:zlib'
import protobuf from 'protobufjs/minimal.js'
import t, { type Test } from 'tap'
import { BODY_LIMIT_BYTES } from '../../../local/collector/answer-export.ts'
import { startCollector } from '../../../local/collector/collector.ts'
import { encodeProtobuf, minimalSpan, wrapSpans } from './encode-otlp.ts'

const BODY = encodeProtobuf(wrapSpans(minimalSpan()))
const PROTOBUF = { 'content-type': 'application/x-protobuf' }
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' }

interface Received {
  readonly status: number
  readonly type: string | null
  readonly allow: string | null
  readonly body: Buffer
}

/** Sends one request to a fresh collector; gives its answer and the number of spans it kept. */
async function send(
  t: Test,
  init: RequestInit,
  path = '/v1/traces',
): Promise<Received & { spans: number }> {
  const collector = await startCollector()
  t.teardown(() => collector.close())
  const response = await fetch(`${collector.url}${path}`, { method: 'POST', ...init })
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    allow: response.headers.get('allow'),
    body: Buffer.from(await response.arrayBuffer()),
    spans: collector.store.spans.length,
  }
}

/** Reads google.rpc.Status by hand: int32 code = 1, string message = 2. */
function readStatus(bytes: Uint8Array): { code: number; message: string } {
  const reader = protobuf.Reader.create(bytes)
  const status = { code: 0, message: '' }
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    if (tag === 8) status.code = reader.int32()
    else if (tag === 18) status.message = reader.string()
    else throw new Error(`tag ${tag}`)
  }
  return status
}

t.test('protobuf is taken and answered with an empty message', async t => {
  const got = await send(t, { headers: PROTOBUF, body: BODY })
  t.match(got, { status: 200, type: 'application/x-protobuf', spans: 1 })
  t.equal(got.body.length, 0)
})

t.test('JSON is taken and answered with an empty object', async t => {
  const body = '{"resourceSpans":[]}'
  const got = await send(t, { headers: JSON_TYPE, body })
  t.match(got, { status: 200, type: 'application/json', spans: 0 })
  t.equal(got.body.toString(), '{}')
})

t.test('gzip is taken', async t => {
  const headers = { ...PROTOBUF, 'content-encoding': 'gzip' }
  t.match(await send(t, { headers, body: gzipSync(BODY) }), { status: 200, spans: 1 })
  t.match(await send(t, { headers, body: BODY }), { status: 400, spans: 0 })
})

t.test('garbage is refused in the format it claims to be', async t => {
  const asProtobuf = await send(t, { headers: PROTOBUF, body: 'hello world' })
  t.match(asProtobuf, { status: 400, type: 'application/x-protobuf', spans: 0 })
  t.match(readStatus(asProtobuf.body), { code: 3, message: /^body: expected a protobuf/ })
  const asJson = await send(t, { headers: JSON_TYPE, body: 'hello world' })
  t.match(asJson, { status: 400, type: 'application/json' })
  t.match(JSON.parse(asJson.body.toString()), { code: 3, message: /^body: expected JSON/ })
})

t.test('other paths, methods, types and encodings are refused', async t => {
  t.match(await send(t, { headers: PROTOBUF, body: BODY }, '/v1/metrics'), { status: 404 })
  t.match(await send(t, { headers: PROTOBUF, body: BODY }, '/v1/traces?a=b'), { status: 200 })
  t.match(await send(t, { method: 'GET' }), { status: 405, allow: 'POST' })
  t.match(await send(t, { headers: { 'content-type': 'text/plain' }, body: BODY }), { status: 415 })
  t.match(await send(t, { body: BODY }), { status: 415, type: 'application/json' })
  const brotli = { ...PROTOBUF, 'content-encoding': 'br' }
  t.match(await send(t, { headers: brotli, body: BODY }), { status: 415 })
})

t.test('the last size that is taken, and the first that is not, packed or plain', async t => {
  // A length-delimited field that no message knows: 5 bytes of head, skipped by the decoder.
  const padded = (sizeBytes: number): Buffer => {
    const head = Buffer.from(
      protobuf.Writer.create()
        .uint32((99 << 3) | 2)
        .uint32(sizeBytes - 6)
        .finish(),
    )
    return Buffer.concat([head, Buffer.alloc(sizeBytes - head.length)])
  }
  const gzip = { ...PROTOBUF, 'content-encoding': 'gzip' }
  const largest = padded(BODY_LIMIT_BYTES)
  const tooLarge = padded(BODY_LIMIT_BYTES + 1)
  t.match(await send(t, { headers: PROTOBUF, body: largest }), { status: 200 })
  t.match(await send(t, { headers: PROTOBUF, body: tooLarge }), { status: 413 })
  t.match(await send(t, { headers: gzip, body: gzipSync(largest) }), { status: 200 })
  t.match(await send(t, { headers: gzip, body: gzipSync(tooLarge) }), { status: 413 })
})

t.test('spans can be waited for, by number and by condition; requests are kept raw', async t => {
  await using collector = await startCollector()
  const post = (name: string) =>
    fetch(`${collector.url}/v1/traces`, {
      method: 'POST',
      headers: { ...PROTOBUF, 'x-key': name },
      body: encodeProtobuf(wrapSpans(minimalSpan({ name }))),
    })
  const batches: string[][] = []
  const stop = collector.store.listen(spans => batches.push(spans.map(span => span.name)))
  const two = collector.store.waitForSpans(2)
  const third = collector.store.waitForSpans(spans => spans.some(span => span.name === 'c'))
  await post('a')
  await post('b')
  t.strictSame(
    (await two).map(span => span.name),
    ['a', 'b'],
  )
  stop()
  await post('c')
  t.equal((await third).length, 3)
  t.equal((await collector.store.waitForSpans(3)).length, 3, 'what is there needs no waiting')
  t.strictSame(batches, [['a'], ['b']])
  t.equal(collector.store.requests[1]?.headers['x-key'], 'b')
  t.strictSame(
    collector.store.requests[1]?.body,
    encodeProtobuf(wrapSpans(minimalSpan({ name: 'b' }))),
  )
  await t.rejects(collector.store.waitForSpans(4, 1), {
    code: 'WAIT_TIMEOUT',
    message: 'expected 4 spans within 1 ms, got a, b, c',
  })
})

// node:http2's client, against real servers.
import { once } from 'node:events'
import {
  type ClientHttp2Session,
  connect,
  constants,
  createServer,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { SPAN_KIND_CLIENT } from '../../../instrumentation/trace/span-kind.ts'
import { attributesOf, PARENT_SPAN_ID, startTraced, TRACE_ID } from './traced.ts'

interface Http2Service extends AsyncDisposable {
  readonly port: number
  readonly session: ClientHttp2Session
}

async function startService(answer: (stream: ServerHttp2Stream) => void): Promise<Http2Service> {
  const server = createServer()
  server.on('stream', stream => {
    stream.on('error', () => {})
    answer(stream)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const session = connect(`http://127.0.0.1:${port}`)
  return {
    port,
    session,
    async [Symbol.asyncDispose]() {
      session.destroy()
      server.close()
    },
  }
}

/** Sends a request in an invocation, and resolves when the stream is over. */
async function request(
  { session }: Http2Service,
  path: string,
  work: <T>(send: () => T) => T,
): Promise<void> {
  const stream = work(() => session.request({ ':path': path, ':method': 'POST' }))
  stream.on('error', () => {})
  stream.resume().end()
  await new Promise<void>(resolve => stream.once('close', () => resolve()))
}

t.test('a request has a span of its own', async t => {
  await using service = await startService(stream => {
    stream.respond({ ':status': 201 })
    stream.end('made')
  })
  const traced = startTraced()
  await request(service, '/orders?token=s3cret', send => traced.run(send))
  const [span] = await traced.whenEnded(1)
  t.match(span, {
    name: 'POST',
    kind: SPAN_KIND_CLIENT,
    parentSpanId: PARENT_SPAN_ID,
    context: { traceId: TRACE_ID },
    statusCode: 0,
  })
  t.strictSame(attributesOf(span), {
    'http.request.method': 'POST',
    'url.full': `http://127.0.0.1:${service.port}/orders?token=REDACTED`,
    'server.address': '127.0.0.1',
    'server.port': service.port,
    'http.response.status_code': 201,
  })
})

t.test('399 is no error, 400 is one', async t => {
  await using service = await startService(stream => {
    stream.respond({ ':status': 399 })
    stream.end()
  })
  await using refusing = await startService(stream => {
    stream.respond({ ':status': 400 })
    stream.end()
  })
  const traced = startTraced()
  await request(service, '/', send => traced.run(send))
  await request(refusing, '/', send => traced.run(send))
  const [fine, refused] = await traced.whenEnded(2)
  t.equal(fine?.statusCode, 0)
  t.equal(refused?.statusCode, 2)
  t.equal(attributesOf(refused)['error.type'], '400')
})

t.test('a stream that is reset before the answer is an error', async t => {
  await using service = await startService(stream => stream.close(constants.NGHTTP2_INTERNAL_ERROR))
  const traced = startTraced()
  await request(service, '/', send => traced.run(send))
  const [span] = await traced.whenEnded(1)
  t.equal(span?.statusCode, 2)
  t.equal(attributesOf(span)['error.type'], 'ERR_HTTP2_STREAM_ERROR')
})

t.test('outside of an invocation there is no span', async t => {
  await using service = await startService(stream => {
    stream.respond({ ':status': 200 })
    stream.end()
  })
  const traced = startTraced()
  await request(service, '/', send => send())
  await request(service, '/', send => traced.run(send))
  t.equal((await traced.whenEnded(1)).length, 1)
  t.strictSame(traced.warnings, [])
})

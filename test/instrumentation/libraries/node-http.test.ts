// node:http in this process: what a request's span says when all goes well, when nothing does, and what is sent along.
import { once } from 'node:events'
import { type ClientRequest, get, type IncomingMessage } from 'node:http'
import t from 'tap'
import { STATUS_ERROR, STATUS_UNSET } from '../../../instrumentation/trace/span.ts'
import { SPAN_KIND_CLIENT } from '../../../instrumentation/trace/span-kind.ts'
import { closedPort } from '../../runtime/api/raw-server.ts'
import { closeOf, readAll } from './node-requests.ts'
import {
  attributesOf,
  PARENT_SPAN_ID,
  startService,
  startTraced,
  TRACE_ID,
  traceparentOf,
} from './traced.ts'

t.test('a request has a span of its own, whose context is sent', async t => {
  await using service = await startService()
  const traced = startTraced({ traceState: 'a=1', baggage: 'tenant=acme' })
  const body = await traced.run(() => readAll(get(`${service.url}/a?page=2&token=s3cret`)))
  t.equal(body, 'ok')
  const [span] = traced.ended
  t.match(span, {
    name: 'GET',
    kind: SPAN_KIND_CLIENT,
    parentSpanId: PARENT_SPAN_ID,
    hasRemoteParent: false,
    context: { traceId: TRACE_ID },
    statusCode: STATUS_UNSET,
  })
  t.strictSame(attributesOf(span), {
    'http.request.method': 'GET',
    'url.full': `${service.url}/a?page=2&token=REDACTED`,
    'server.address': '127.0.0.1',
    'server.port': service.port,
    'http.response.status_code': 200,
  })
  t.match(service.seen[0], {
    url: '/a?page=2&token=s3cret',
    headers: { traceparent: traceparentOf(span), tracestate: 'a=1', baggage: 'tenant=acme' },
  })
  t.equal(traced.context.openSpans.size, 0)
  t.equal(traced.ended.length, 1)
})

t.test('without state and baggage none is sent', async t => {
  await using service = await startService()
  const traced = startTraced()
  await traced.run(() => readAll(get(service.url)))
  t.equal(service.seen[0]?.headers.traceparent, traceparentOf(traced.ended[0]))
  t.notOk('tracestate' in (service.seen[0]?.headers ?? {}))
  t.notOk('baggage' in (service.seen[0]?.headers ?? {}))
})

t.test(
  'an invocation that is not sampled says so to its callees, and its spans go nowhere',
  async t => {
    await using service = await startService()
    const traced = startTraced({ traceFlags: 0 })
    await traced.run(() => readAll(get(service.url)))
    t.match(service.seen[0]?.headers.traceparent, new RegExp(`^00-${TRACE_ID}-[0-9a-f]{16}-00$`))
    t.strictSame([traced.ended.length, traced.context.openSpans.size], [0, 0])
  },
)

t.test('outside of an invocation there is no span and no header', async t => {
  await using service = await startService()
  const traced = startTraced()
  await readAll(get(service.url))
  t.strictSame([traced.ended, service.seen[0]?.headers.traceparent], [[], undefined])
})

for (const [status, isError] of [
  [204, false],
  [302, false],
  [399, false],
  [400, true],
  [404, true],
  [500, true],
  [599, true],
] as const) {
  t.test(`the status ${status} is ${isError ? 'an error' : 'no error'} for a client`, async t => {
    await using service = await startService(response => response.writeHead(status).end())
    const traced = startTraced()
    await traced.run(() => readAll(get(service.url)))
    const attributes = attributesOf(traced.ended[0])
    t.equal(attributes['http.response.status_code'], status)
    t.equal(attributes['error.type'], isError ? String(status) : undefined)
    t.equal(traced.ended[0]?.statusCode, isError ? STATUS_ERROR : STATUS_UNSET)
  })
}

t.test('a refused connection is an error without a status', async t => {
  const traced = startTraced()
  const port = await closedPort()
  const failure = await traced.run(() => closeOf(get({ host: '127.0.0.1', port })))
  t.equal(failure?.code, 'ECONNREFUSED', 'and the caller sees it as ever')
  const [span] = traced.ended
  t.match(span, { statusCode: STATUS_ERROR, statusMessage: /ECONNREFUSED/ })
  t.strictSame(attributesOf(span), {
    'http.request.method': 'GET',
    'url.full': `http://127.0.0.1:${port}/`,
    'server.address': '127.0.0.1',
    'server.port': port,
    'error.type': 'ECONNREFUSED',
  })
})

t.test('a name that does not resolve is an error', async t => {
  const traced = startTraced()
  const missing = Object.assign(new Error('not found'), { code: 'ENOTFOUND' })
  await traced.run(() =>
    closeOf(
      get('http://nowhere.example/', { lookup: (_name, _options, done) => done(missing, '') }),
    ),
  )
  t.match(attributesOf(traced.ended[0]), {
    'error.type': 'ENOTFOUND',
    'url.full': 'http://nowhere.example/',
    'server.address': 'nowhere.example',
    'server.port': 80,
  })
})

t.test('a connection reset before the answer is an error', async t => {
  await using service = await startService((_response, request) => request.socket.resetAndDestroy())
  const traced = startTraced()
  await traced.run(() => closeOf(get(service.url)))
  t.match(attributesOf(traced.ended[0]), { 'error.type': 'ECONNRESET' })
  t.equal(traced.ended[0]?.statusCode, STATUS_ERROR)
})

for (const [how, type, abort] of [
  ['destroy()', 'ECONNRESET', (request: ClientRequest) => request.destroy()],
  [
    'destroy() with an error of its own',
    'E_OWN',
    (request: ClientRequest) => request.destroy(Object.assign(new Error('own'), { code: 'E_OWN' })),
  ],
] as const) {
  t.test(`a request that is given up by ${how} ends with ${type}`, async t => {
    await using service = await startService(() => {})
    const traced = startTraced()
    const request = traced.run(() => get(service.url))
    const closed = closeOf(request)
    await service.request(0)
    t.equal(traced.context.openSpans.size, 1)
    abort(request)
    await closed
    t.match(attributesOf(traced.ended[0]), { 'error.type': type })
    t.equal(traced.context.openSpans.size, 0)
  })
}

t.test('a request that is given up by a signal ends with its code', async t => {
  await using service = await startService(() => {})
  const traced = startTraced()
  const controller = new AbortController()
  const closed = traced.run(() => closeOf(get(service.url, { signal: controller.signal })))
  await service.request(0)
  controller.abort()
  await closed
  t.match(attributesOf(traced.ended[0]), { 'error.type': 'ABORT_ERR' })
})

t.test('a body that breaks off is an error, beside the status', async t => {
  await using service = await startService(response =>
    response.writeHead(200, { 'Content-Length': 10 }).write('half'),
  )
  const traced = startTraced()
  const request = traced.run(() => get(service.url))
  const closed = closeOf(request)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  response.on('error', () => {}).resume()
  await once(response, 'data')
  service.seen[0]?.socket.resetAndDestroy()
  await closed
  t.match(attributesOf(traced.ended[0]), {
    'http.response.status_code': 200,
    'error.type': 'ECONNRESET',
  })
  t.equal(traced.ended[0]?.statusCode, STATUS_ERROR)
})

t.test(
  'a response that is never read leaves its span open, until the request is given up',
  async t => {
    await using service = await startService(response => response.end('x'.repeat(1_000_000)))
    const traced = startTraced()
    const request = traced.run(() => get(service.url))
    const closed = closeOf(request)
    await once(request, 'response')
    t.equal(traced.ended.length, 0)
    const [open] = traced.context.openSpans
    t.match(
      attributesOf(open),
      { 'http.response.status_code': 200 },
      'what is known is on it already',
    )
    request.destroy()
    await closed
    t.strictSame(traced.ended, [open])
  },
)

t.test('a response that nobody listens for ends by itself', async t => {
  await using service = await startService()
  const traced = startTraced()
  await traced.run(() => closeOf(get(service.url)))
  t.match(attributesOf(traced.ended[0]), { 'http.response.status_code': 200 })
})

t.test('requests side by side keep their spans apart', async t => {
  await using service = await startService((response, { url }) => response.end(url))
  const traced = startTraced()
  await traced.run(() =>
    Promise.all(['/a', '/b', '/c'].map(path => readAll(get(`${service.url}${path}`)))),
  )
  for (const { url, headers } of service.seen) {
    const span = traced.ended.find(
      each => attributesOf(each)['url.full'] === `${service.url}${url}`,
    )
    t.equal(headers.traceparent, traceparentOf(span))
  }
  t.equal(traced.ended.length, 3)
})

t.test('a fault of the tracer does not reach the request, and is warned of once', async t => {
  await using service = await startService()
  const ids = {
    traceId: () => TRACE_ID,
    spanId(): string {
      throw new Error('no ids')
    },
  }
  const traced = startTraced({ ids })
  for (let round = 0; round < 2; round++) {
    t.equal(await traced.run(() => readAll(get(service.url))), 'ok')
  }
  t.equal(traced.warnings.length, 1)
  t.match(traced.warnings[0], /no ids/)
  t.equal(service.seen[1]?.headers.traceparent, undefined)
})

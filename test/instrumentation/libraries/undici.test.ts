// The global fetch in this process, by undici's channels.
import t from 'tap'
import { STATUS_ERROR, STATUS_UNSET } from '../../../instrumentation/trace/span.ts'
import { SPAN_KIND_CLIENT } from '../../../instrumentation/trace/span-kind.ts'
import { closedPort } from '../../runtime/api/raw-server.ts'
import {
  attributesOf,
  PARENT_SPAN_ID,
  startService,
  startTraced,
  TRACE_ID,
  traceparentOf,
} from './traced.ts'

const read = async (url: string, init?: RequestInit): Promise<string> =>
  (await fetch(url, init)).text()

t.test('a fetch has a span of its own, whose context is sent', async t => {
  await using service = await startService()
  const traced = startTraced({ traceState: 'a=1', baggage: 'tenant=acme' })
  const url = `${service.url}/a?page=2&token=s3cret`
  t.equal(await traced.run(() => read(url, { method: 'POST', body: 'x' })), 'ok')
  const [span] = await traced.whenEnded(1)
  t.match(span, {
    name: 'POST',
    kind: SPAN_KIND_CLIENT,
    parentSpanId: PARENT_SPAN_ID,
    context: { traceId: TRACE_ID },
    statusCode: STATUS_UNSET,
  })
  t.strictSame(attributesOf(span), {
    'http.request.method': 'POST',
    'url.full': `${service.url}/a?page=2&token=REDACTED`,
    'server.address': '127.0.0.1',
    'server.port': service.port,
    'http.response.status_code': 200,
  })
  t.match(service.seen[0]?.headers, {
    traceparent: traceparentOf(span),
    tracestate: 'a=1',
    baggage: 'tenant=acme',
  })
  t.strictSame([traced.ended.length, traced.context.openSpans.size], [1, 0])
})

t.test('an invocation that is not sampled says so to its callees', async t => {
  await using service = await startService()
  const traced = startTraced({ traceFlags: 0 })
  await traced.run(() => read(service.url))
  t.match(service.seen[0]?.headers.traceparent, new RegExp(`^00-${TRACE_ID}-[0-9a-f]{16}-00$`))
  t.equal(traced.ended.length, 0)
})

t.test('outside of an invocation there is no span and no header', async t => {
  await using service = await startService()
  const traced = startTraced()
  await read(service.url)
  t.strictSame([traced.ended, service.seen[0]?.headers.traceparent], [[], undefined])
})

for (const [status, isError] of [
  [204, false],
  [304, false],
  [399, false],
  [400, true],
  [404, true],
  [500, true],
] as const) {
  t.test(`the status ${status} is ${isError ? 'an error' : 'no error'} for a client`, async t => {
    await using service = await startService(response => response.writeHead(status).end())
    const traced = startTraced()
    await traced.run(() => read(service.url))
    const [span] = await traced.whenEnded(1)
    const attributes = attributesOf(span)
    t.equal(attributes['http.response.status_code'], status)
    t.equal(attributes['error.type'], isError ? String(status) : undefined)
    t.equal(span?.statusCode, isError ? STATUS_ERROR : STATUS_UNSET)
  })
}

t.test('a refused connection is an error without a status', async t => {
  const traced = startTraced()
  const port = await closedPort()
  await t.rejects(
    traced.run(() => fetch(`http://127.0.0.1:${port}/`)),
    { message: 'fetch failed', cause: { code: 'ECONNREFUSED' } },
    'and the caller sees it as ever',
  )
  const [span] = await traced.whenEnded(1)
  t.match(span, { statusCode: STATUS_ERROR, statusMessage: /ECONNREFUSED/ })
  const attributes = attributesOf(span)
  t.equal(attributes['error.type'], 'ECONNREFUSED')
  t.notOk('http.response.status_code' in attributes)
})

t.test('a connection reset before the answer is an error', async t => {
  await using service = await startService((_response, request) => request.socket.resetAndDestroy())
  const traced = startTraced()
  await t.rejects(traced.run(() => fetch(service.url)))
  const [span] = await traced.whenEnded(1)
  t.match(attributesOf(span), { 'error.type': /^(ECONNRESET|UND_ERR_SOCKET)$/ })
})

for (const [how, type, reason] of [
  ['abort()', 'AbortError', undefined],
  ['a time limit', 'TimeoutError', new DOMException('too late', 'TimeoutError')],
  ['a reason of its own', 'E_OWN', Object.assign(new Error('own'), { code: 'E_OWN' })],
] as const) {
  t.test(`a fetch that is given up by ${how} ends with ${type}`, async t => {
    await using service = await startService(() => {})
    const traced = startTraced()
    const controller = new AbortController()
    const rejected = t.rejects(traced.run(() => fetch(service.url, { signal: controller.signal })))
    await service.request(0)
    t.equal(traced.context.openSpans.size, 1)
    controller.abort(reason)
    await rejected
    const [span] = await traced.whenEnded(1)
    t.match(attributesOf(span), { 'error.type': type })
    t.equal(span?.statusCode, STATUS_ERROR)
    t.equal(traced.context.openSpans.size, 0)
  })
}

t.test('a body that breaks off is an error, beside the status', async t => {
  await using service = await startService(response =>
    response.writeHead(200, { 'Content-Length': 10 }).write('half'),
  )
  const traced = startTraced()
  const response = await traced.run(() => fetch(service.url))
  const rejected = t.rejects(response.text())
  service.seen[0]?.socket.resetAndDestroy()
  await rejected
  const [span] = await traced.whenEnded(1)
  t.match(attributesOf(span), {
    'http.response.status_code': 200,
    'error.type': /^(ECONNRESET|UND_ERR_SOCKET)$/,
  })
  t.equal(span?.statusCode, STATUS_ERROR)
})

t.test('a response that is never read leaves its span open, until it is given up', async t => {
  await using service = await startService(response => response.end('x'.repeat(1_000_000)))
  const traced = startTraced()
  const response = await traced.run(() => fetch(service.url))
  t.equal(traced.ended.length, 0)
  const [open] = traced.context.openSpans
  t.match(
    attributesOf(open),
    { 'http.response.status_code': 200 },
    'what is known is on it already',
  )
  await response.body?.cancel()
  t.strictSame(await traced.whenEnded(1), [open])
})

t.test(
  'a redirect that fetch follows makes two spans, and each callee is told its own',
  async t => {
    await using service = await startService((response, { url }) => {
      if (url === '/from') response.writeHead(302, { Location: '/to' }).end()
      else response.end('there')
    })
    const traced = startTraced()
    t.equal(await traced.run(() => read(`${service.url}/from`)), 'there')
    const spans = await traced.whenEnded(2)
    const of = (path: string) =>
      spans.find(span => attributesOf(span)['url.full'] === `${service.url}${path}`)
    t.match(attributesOf(of('/from')), { 'http.response.status_code': 302 })
    t.match(attributesOf(of('/to')), { 'http.response.status_code': 200 })
    t.strictSame(
      service.seen.map(({ url, headers }) => [url, headers.traceparent]),
      [
        ['/from', traceparentOf(of('/from'))],
        ['/to', traceparentOf(of('/to'))],
      ],
    )
    t.strictSame(
      spans.map(span => span.parentSpanId),
      [PARENT_SPAN_ID, PARENT_SPAN_ID],
    )
  },
)

t.test('fetches side by side keep their spans apart', async t => {
  await using service = await startService((response, { url }) => response.end(url))
  const traced = startTraced()
  await traced.run(() => Promise.all(['/a', '/b', '/c'].map(path => read(`${service.url}${path}`))))
  const spans = await traced.whenEnded(3)
  for (const { url, headers } of service.seen) {
    const span = spans.find(each => attributesOf(each)['url.full'] === `${service.url}${url}`)
    t.equal(headers.traceparent, traceparentOf(span))
  }
})

const AWS4 = 'AWS4-HMAC-SHA256 Credential=x, SignedHeaders=host, Signature=y'

for (const [name, headers, expected] of [
  ['a traceparent', { TraceParent: 'own' }, { traceparent: 'own' }],
  ['a traceparent in a list of pairs', [['Traceparent', 'own']], { traceparent: 'own' }],
  ['a signature of AWS', { Authorization: AWS4 }, { authorization: AWS4 }],
] as const) {
  t.test(`C157 ${name} leaves the headers as they are, and has its span`, async t => {
    await using service = await startService()
    const traced = startTraced({ traceState: 'a=1', baggage: 'b=2' })
    await traced.run(() =>
      read(service.url, { headers: headers as NonNullable<RequestInit['headers']> }),
    )
    const sent = service.seen[0]?.headers ?? {}
    for (const each of ['traceparent', 'tracestate', 'baggage', 'authorization']) {
      t.equal(sent[each], Reflect.get(expected, each), each)
    }
    const [span] = await traced.whenEnded(1)
    t.match(attributesOf(span), { 'http.response.status_code': 200 })
  })
}

for (const [name, headers, baggage] of [
  ['another authorization', { Authorization: 'Bearer AWS4-HMAC' }, 'b=2'],
  ['baggage of its own', { Baggage: 'own=1' }, 'own=1'],
] as const) {
  t.test(`${name} stays, and the context is sent beside it`, async t => {
    await using service = await startService()
    const traced = startTraced({ baggage: 'b=2' })
    await traced.run(() => read(service.url, { headers }))
    const [span] = await traced.whenEnded(1)
    t.equal(service.seen[0]?.headers.traceparent, traceparentOf(span))
    t.equal(service.seen[0]?.headers.baggage, baggage)
  })
}

interface Dispatcher {
  dispatch(options: object, handler: object): boolean
}

/** What fetch sends by, reached as undici's own users reach theirs. */
async function globalDispatcher(url: string): Promise<Dispatcher> {
  // Node makes it with the first fetch.
  await read(url)
  return Reflect.get(globalThis, Symbol.for('undici.globalDispatcher.1'))
}

for (const [name, headers, isOwn] of [
  ['a flat list', ['X-A', '1', 'x-b', '2'], false],
  ['a flat list with a traceparent', ['X-A', '1', 'TRACEPARENT', 'own'], true],
  ['an object', { 'X-A': '1' }, false],
  ['an object with a traceparent', { 'X-A': '1', Traceparent: 'own' }, true],
] as const) {
  t.test(`headers of a dispatcher given as ${name} are read and added to`, async t => {
    await using service = await startService()
    const dispatcher = await globalDispatcher(service.url)
    const traced = startTraced()
    await traced.run(
      () =>
        new Promise<void>((resolve, reject) => {
          dispatcher.dispatch(
            { origin: service.url, path: '/d', method: 'GET', headers },
            {
              onConnect() {},
              onHeaders: () => true,
              onData: () => true,
              onComplete: () => resolve(),
              onError: reject,
            },
          )
        }),
    )
    const [span] = await traced.whenEnded(1)
    const sent = service.seen[1]?.headers
    t.equal(sent?.['x-a'], '1')
    t.equal(sent?.traceparent, isOwn ? 'own' : traceparentOf(span))
    t.match(attributesOf(span), { 'http.response.status_code': 200 })
  })
}

// A -> HTTP -> B, by both of Node's clients, through each service that calls a function by HTTP; and the trace's id on its way back.
import t from 'tap'
import { type FrontKind, serveHttpFront } from '../helpers/hops/http-front.ts'
import { expectPath, ORDER_EVENT, startRelay } from '../helpers/hops/relay.ts'

const A = `
  const { get } = require('node:http')
  const byHttp = url => new Promise((resolve, reject) => {
    get(url, response => response.resume().on('end', () => resolve([response.statusCode, response.headers.traceparent]))).on('error', reject)
  })
  const byFetch = async url => {
    const response = await fetch(url)
    await response.text()
    return [response.status, response.headers.get('traceparent')]
  }
  exports.handler = event => (event.client === 'fetch' ? byFetch : byHttp)(event.url)
`
const ROUTES: Readonly<Record<FrontKind, readonly string[]>> = {
  'function URL': ['b GET', 'b GET'],
  'HTTP API': ['b GET /stock/{id}', 'b GET /stock/{id}'],
  'REST API': ['b GET /stock/{id}', 'b GET /stock/{id}'],
  // It tells no time, so that it has no span.
  'load balancer': ['b GET'],
}

for (const [kind, route] of Object.entries(ROUTES) as [FrontKind, readonly string[]][]) {
  t.test(`${kind}: B is below the request, and A is told where`, async t => {
    await using relay = await startRelay({
      a: A,
      b: `exports.handler = async event => event.multiValueHeaders
        ? { statusCode: 200, multiValueHeaders: { 'content-type': ['text/plain'] }, body: 'in stock' }
        : { statusCode: 200, headers: { 'content-type': 'text/plain' }, body: 'in stock' }`,
      envB: { BATON_RESPONSE_HEADER: 'traceparent' },
    })
    await using front = await serveHttpFront(kind, event => relay.invoke('b', event))
    const answers: unknown[] = []
    for (const client of ['fetch', 'http'])
      answers.push(
        await relay.invoke('a', { ...ORDER_EVENT, client, url: `${front.url}/stock/7?secret=1` }),
      )
    const spans = await relay.spans(2, 2)
    for (const at of [0, 1]) expectPath(t, spans, ['a POST /orders', 'a GET', ...route], at)
    t.strictSame(
      answers,
      spans.invocations('b').map(({ traceId, spanId }) => [200, `00-${traceId}-${spanId}-01`]),
    )
    for (const span of spans.all) t.notMatch(JSON.stringify(span.attributes), 'secret=1')
  })
}

t.test('what B fails with is an error of the request too, in one trace', async t => {
  await using relay = await startRelay({
    a: A,
    b: 'exports.handler = async () => ({ statusCode: 503, body: "sold out" })',
  })
  await using front = await serveHttpFront('function URL', event => relay.invoke('b', event))
  await relay.invoke('a', { ...ORDER_EVENT, url: front.url })
  const spans = await relay.spans(1, 1)
  const [callee] = spans.invocations('b')
  t.match(callee, { status: { code: 'ERROR' }, attributes: { 'http.response.status_code': 503 } })
  const request = spans.all.find(span => span.kind === 'CLIENT')
  t.match(request, { status: { code: 'ERROR' }, attributes: { 'http.response.status_code': 503 } })
  t.equal(request?.traceId, callee?.traceId)
})

// The built bootstrap with a collector: what is traced, what is carried on, and that the caller never waits.
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { startFunction } from '../helpers/function.ts'
import { expectTree, startCollector } from '../helpers/otlp.ts'
import { FUNCTION_ARN, TRACE_HEADER } from '../helpers/runtime-api.ts'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const UPSTREAM_SPAN_ID = 'b7ad6b7169203331'
const TRACEPARENT = `00-${TRACE_ID}-${UPSTREAM_SPAN_ID}-01`

const HTTP_EVENT = {
  version: '2.0',
  routeKey: 'POST /orders',
  rawPath: '/orders',
  headers: {
    traceparent: TRACEPARENT,
    tracestate: 'up=1',
    baggage: 'tenant=acme',
    host: 'api.example.com',
  },
  requestContext: {
    domainName: 'api.example.com',
    http: { method: 'POST', path: '/orders', sourceIp: '203.0.113.7', userAgent: 'curl/8' },
    stage: '$default',
    requestId: 'JKJaXmPLvHcESHA=',
  },
  isBase64Encoded: false,
}

/** A real HTTP service that remembers the headers it was sent. */
async function startService(status = 200): Promise<
  AsyncDisposable & {
    url: string
    seen: { headers: IncomingHttpHeaders; url: string | undefined }[]
  }
> {
  const seen: { headers: IncomingHttpHeaders; url: string | undefined }[] = []
  const server = createServer((request, response) => {
    seen.push({ headers: request.headers, url: request.url })
    response.writeHead(status).end('ok')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

t.test('one HTTP event, three calls: one trace from the caller through to the callees', async t => {
  await using collector = await startCollector()
  await using service = await startService()
  await using fn = await startFunction({
    files: {
      'index.mjs': `
        import { get } from 'node:http'
        export const handler = async () => {
          const url = process.env.SERVICE_URL
          await (await fetch(url + '/fetch?token=s3cret&page=2')).text()
          await new Promise((resolve, reject) =>
            get(url + '/http', response => response.resume().on('end', resolve)).on('error', reject))
          return { statusCode: 201, body: 'made' }
        }`,
    },
    events: [HTTP_EVENT],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, SERVICE_URL: service.url },
  })
  await fn.answered(1)
  const spans = await collector.waitForSpans(3)
  expectTree(t, spans, ['POST /orders', ['GET'], ['GET']])
  const root = spans.find(span => span.name === 'POST /orders')
  const children = spans.filter(span => span.name === 'GET')
  t.match(root, {
    traceId: TRACE_ID,
    parentSpanId: UPSTREAM_SPAN_ID,
    traceState: 'up=1',
    kind: 'SERVER',
    attributes: {
      'faas.trigger': 'http',
      'faas.invocation_id': 'req-0',
      'faas.coldstart': true,
      'http.request.method': 'POST',
      'http.route': '/orders',
      'http.response.status_code': 201,
      'url.path': '/orders',
      'client.address': '203.0.113.7',
      'user_agent.original': 'curl/8',
      'cloud.account.id': '123456789012',
      'cloud.resource_id': FUNCTION_ARN,
    },
    resource: {
      'service.name': 'fn',
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_lambda',
      'cloud.region': 'us-east-1',
      'faas.name': 'fn',
      'faas.version': '$LATEST',
      'faas.instance': 'stream',
      'faas.max_memory': 128 * 1024 * 1024,
      'telemetry.sdk.language': 'nodejs',
    },
    status: { code: 'UNSET' },
  })
  t.same(
    children.map(span => span.attributes['url.full']),
    [`${service.url}/fetch?token=REDACTED&page=2`, `${service.url}/http`],
  )
  t.match(children, [
    {
      kind: 'CLIENT',
      attributes: { 'http.response.status_code': 200, 'server.address': '127.0.0.1' },
    },
    {
      kind: 'CLIENT',
      attributes: { 'http.response.status_code': 200, 'server.address': '127.0.0.1' },
    },
  ])
  t.same(
    service.seen.map(({ headers }) => headers.traceparent),
    children.map(span => `00-${TRACE_ID}-${span.spanId}-01`),
    'each callee is told the span of its own call',
  )
  t.match(service.seen, [
    { headers: { tracestate: 'up=1', baggage: 'tenant=acme' } },
    { headers: { tracestate: 'up=1', baggage: 'tenant=acme' } },
  ])
  t.equal(fn.stderr(), '')
  t.equal(fn.stdout(), '')
})

t.test('C158 our own traffic has no span and carries no trace header', async t => {
  await using collector = await startCollector()
  await using fn = await startFunction({
    files: { 'index.js': 'exports.handler = async () => 1' },
    events: [HTTP_EVENT, HTTP_EVENT],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  })
  await fn.answered(2)
  const spans = await collector.waitForSpans(2)
  t.same(
    spans.map(span => span.name),
    ['POST /orders', 'POST /orders'],
  )
  const ours = [...fn.api.nexts, ...fn.api.posts, ...collector.requests]
  t.ok(ours.length >= 7, 'three next, two answers, two exports')
  for (const { headers } of ours) {
    t.notMatch(Object.keys(headers).join(), /traceparent|tracestate|baggage|x-amzn-trace-id/i)
  }
})

t.test(
  'C154 C155 InvokeStore answers from the active span, Lineage kept byte for byte',
  async t => {
    await using collector = await startCollector()
    await using fn = await startFunction({
      files: {
        'index.js': `
        const store = awslambda.InvokeStore
        exports.handler = async () => ({
          requestId: store.getRequestId(), xray: store.getXRayTraceId(),
          traceparent: store.getTraceparent(), tracestate: store.getTracestate(), baggage: store.getBaggage(),
          env: process.env._X_AMZN_TRACE_ID,
        })`,
      },
      events: [HTTP_EVENT],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
    })
    await fn.answered(1)
    const [span] = await collector.waitForSpans(1)
    t.same(JSON.parse(fn.api.posts[0]?.body ?? ''), {
      requestId: 'req-0',
      // The caller's trace is another than X-Ray's.
      xray: `Root=1-${TRACE_ID.slice(0, 8)}-${TRACE_ID.slice(8)};Parent=${span?.spanId};Sampled=1;Lineage=a87bd80c:1|68fd508a:5`,
      traceparent: `00-${TRACE_ID}-${span?.spanId}-01`,
      tracestate: 'up=1',
      baggage: 'tenant=acme',
      env: TRACE_HEADER,
    })
  },
)

t.test("C154 in X-Ray's own trace its header stays as it came but for the parent", async t => {
  await using collector = await startCollector()
  await using fn = await startFunction({
    files: { 'index.js': 'exports.handler = async () => awslambda.InvokeStore.getXRayTraceId()' },
    events: [{}],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  })
  await fn.answered(1)
  const [span] = await collector.waitForSpans(1)
  const expected = TRACE_HEADER.replace('9a9197af755a6419', span?.spanId ?? '')
  t.equal(JSON.parse(fn.api.posts[0]?.body ?? ''), expected)
})

t.test('without an endpoint nothing is traced and the store answers what came in', async t => {
  await using service = await startService()
  await using fn = await startFunction({
    files: {
      'index.js': `
        const store = awslambda.InvokeStore
        exports.handler = async () => {
          await (await fetch(process.env.SERVICE_URL)).text()
          return [store.getXRayTraceId(), store.getTraceparent() ?? null]
        }`,
    },
    events: [HTTP_EVENT],
    env: { SERVICE_URL: service.url },
  })
  await fn.answered(1)
  t.same(JSON.parse(fn.api.posts[0]?.body ?? ''), [TRACE_HEADER, null])
  t.equal(service.seen[0]?.headers.traceparent, undefined)
})

for (const [name, env] of [
  ['OTEL_SDK_DISABLED=true', { OTEL_SDK_DISABLED: 'true' }],
  ['OTEL_TRACES_EXPORTER=none', { OTEL_TRACES_EXPORTER: 'none' }],
] as const) {
  t.test(`${name} turns tracing off although there is an endpoint`, async t => {
    await using collector = await startCollector()
    await using fn = await startFunction({
      files: { 'index.js': 'exports.handler = async () => 1' },
      events: [HTTP_EVENT],
      env: { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
    })
    await fn.answered(1)
    t.equal(fn.api.posts[0]?.body, '1')
    t.equal(collector.requests.length, 0)
  })
}

t.test('a failed invocation has a span that says how', async t => {
  await using collector = await startCollector()
  await using fn = await startFunction({
    files: { 'index.js': 'exports.handler = async () => { throw new TypeError("boom") }' },
    events: [HTTP_EVENT],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  })
  await fn.answered(1)
  const [span] = await collector.waitForSpans(1)
  t.match(span, {
    status: { code: 'ERROR', message: 'boom' },
    attributes: { 'error.type': 'TypeError' },
    events: [
      {
        name: 'exception',
        attributes: {
          'exception.type': 'TypeError',
          'exception.message': 'boom',
          'exception.stacktrace': /index\.js/,
        },
      },
    ],
  })
})

t.test('an event that is not JSON fails, with a span, and the next one is served', async t => {
  await using collector = await startCollector()
  await using fn = await startFunction({
    files: { 'index.js': 'exports.handler = async () => 1' },
    events: ['{bad', HTTP_EVENT],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  })
  await fn.answered(2)
  t.match(fn.api.posts, [{ operation: 'error' }, { operation: 'response' }])
  const spans = await collector.waitForSpans(2)
  t.match(spans, [{ attributes: { 'error.type': 'SyntaxError' } }, { status: { code: 'UNSET' } }])
})

t.test('a request left open by the handler is ended with the invocation, and marked', async t => {
  await using collector = await startCollector()
  await using hanging = await startHangingService()
  await using fn = await startFunction({
    files: {
      'index.js':
        'exports.handler = async () => { fetch(process.env.SERVICE_URL).catch(() => {}); await new Promise(r => setTimeout(r, 20)); return 1 }',
    },
    events: [HTTP_EVENT],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, SERVICE_URL: hanging.url },
  })
  await fn.answered(1)
  const spans = await collector.waitForSpans(2)
  expectTree(t, spans, ['POST /orders', ['GET']])
  t.match(
    spans.find(span => span.name === 'GET'),
    { attributes: { 'baton.unfinished': true } },
  )
})

async function startHangingService(): Promise<AsyncDisposable & { url: string }> {
  const server = createServer(() => {})
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

t.test(
  'W3C context of a direct Invoke reaches the store without tracing, and the span with it',
  async t => {
    const invoke = {
      body: '{}',
      headers: {
        'Lambda-Runtime-Client-Context': JSON.stringify({
          w3c: { traceparent: TRACEPARENT, tracestate: 'up=1', baggage: 'tenant=acme' },
        }),
      },
    }
    const files = {
      'index.js': `const store = awslambda.InvokeStore
      exports.handler = async () => [store.getTraceparent(), store.getTracestate(), store.getBaggage()]`,
    }
    await using plain = await startFunction({ files, events: [invoke] })
    await plain.answered(1)
    t.strictSame(JSON.parse(plain.api.posts[0]?.body ?? ''), [TRACEPARENT, 'up=1', 'tenant=acme'])

    await using collector = await startCollector()
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }
    await using traced = await startFunction({ files, events: [invoke], env })
    await traced.answered(1)
    const [span] = await collector.waitForSpans(1)
    t.match(span, { traceId: TRACE_ID, parentSpanId: UPSTREAM_SPAN_ID, traceState: 'up=1' })
    t.strictSame(JSON.parse(traced.api.posts[0]?.body ?? ''), [
      `00-${TRACE_ID}-${span?.spanId}-01`,
      'up=1',
      'tenant=acme',
    ])
  },
)

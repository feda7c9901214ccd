// OpenTelemetry's lists of headers, and its limits, through the built bootstrap: what is listed stands on spans, and nothing
// else; what passes a limit is cut and counted.
import t from 'tap'
import { type FunctionOptions, startFunction } from '../helpers/function.ts'
import { type CollectedSpan, startCollector } from '../helpers/otlp.ts'
import { startService } from '../instrumentation/libraries/traced.ts'

const EVENT = {
  version: '2.0',
  routeKey: 'GET /orders',
  rawPath: '/orders',
  rawQueryString: 'token=SECRET',
  headers: { 'X-Tenant': 'acme', authorization: 'Bearer SECRET', accept: 'text/plain' },
  requestContext: { http: { method: 'GET', path: '/orders' } },
}
const ALB = {
  requestContext: { elb: { targetGroupArn: 'arn:aws:elasticloadbalancing:x' } },
  httpMethod: 'GET',
  path: '/orders',
  multiValueHeaders: { 'x-tenant': ['acme', 'other'], cookie: ['SECRET'] },
}

async function run(
  options: Pick<FunctionOptions, 'events' | 'env'> & { readonly code: string },
): Promise<readonly CollectedSpan[]> {
  await using collector = await startCollector()
  await using service = await startService()
  await using fn = await startFunction({
    files: { 'index.js': options.code },
    hasPackages: true,
    events: options.events ?? [],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      SERVICE_URL: service.url,
      ...options.env,
    },
  })
  const count = options.events?.length ?? 0
  await fn.answered(count)
  fn.process.kill('SIGTERM')
  await fn.exit
  t.equal(fn.api.posts.length, count)
  return [...collector.spans]
}

/** Of each span, what of headers stands on it. */
const headersOf = (spans: readonly CollectedSpan[]): unknown[] =>
  spans.map(({ name, attributes }) => [
    name,
    Object.fromEntries(Object.entries(attributes).filter(([key]) => key.includes('.header.'))),
  ])

const CALLS = `
  const http = require('node:http')
  const url = process.env.SERVICE_URL
  const headers = { 'X-Tenant': 'acme', Authorization: 'Bearer SECRET' }
  exports.handler = async () => {
    await new Promise(resolve => http.get(url, { headers }, r => r.resume().on('end', resolve)))
    await (await fetch(url, { headers })).text()
    return { statusCode: 200, headers: { 'X-Total': 7, 'set-cookie': 'SECRET' }, multiValueHeaders: { 'x-part': ['a', 'b'] } }
  }`

const LISTS = {
  OTEL_INSTRUMENTATION_HTTP_CLIENT_CAPTURE_REQUEST_HEADERS: 'x-tenant, X-None',
  OTEL_INSTRUMENTATION_HTTP_CLIENT_CAPTURE_RESPONSE_HEADERS: 'Connection',
  OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS: 'X-Tenant',
  OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_RESPONSE_HEADERS: 'x-total,x-part',
}

t.test('headers that are listed stand on the spans of calls and of requests served', async t => {
  const spans = await run({ code: CALLS, events: [EVENT], env: LISTS })
  const call = {
    'http.request.header.x-tenant': ['acme'],
    'http.response.header.connection': ['keep-alive'],
  }
  t.strictSame(headersOf(spans), [
    ['GET', call],
    ['GET', call],
    [
      'GET /orders',
      {
        'http.request.header.x-tenant': ['acme'],
        'http.response.header.x-total': ['7'],
        'http.response.header.x-part': ['a', 'b'],
      },
    ],
  ])
  t.notMatch(JSON.stringify(spans.map(each => each.attributes)), 'SECRET')
})

t.test('those that came several times have all their values', async t => {
  const spans = await run({
    code: 'exports.handler = async () => ({ statusCode: 204 })',
    events: [ALB],
    env: LISTS,
  })
  t.strictSame(headersOf(spans).at(-1), [
    'GET',
    { 'http.request.header.x-tenant': ['acme', 'other'] },
  ])
})

t.test('no list, no headers; and of events that are no requests none either', async t => {
  t.strictSame(headersOf(await run({ code: CALLS, events: [EVENT] })), [
    ['GET', {}],
    ['GET', {}],
    ['GET /orders', {}],
  ])
  const direct = await run({
    code: 'exports.handler = async () => ({ headers: { "x-total": 1 } })',
    events: [{ headers: { 'x-tenant': 'acme' } }],
    env: LISTS,
  })
  t.strictSame(headersOf(direct), [['fn', {}]])
})

t.test("a result's getters that throw are no matter", async t => {
  const spans = await run({
    code: `exports.handler = async () => ({ statusCode: 200, toJSON: () => ({ statusCode: 200 }), get headers() { throw new Error('mine') } })`,
    events: [EVENT],
    env: LISTS,
  })
  t.match(spans.at(-1), { attributes: { 'http.response.status_code': 200 } })
})

const SPANS = `
  const { trace } = require('@opentelemetry/api')
  exports.handler = async () => {
    const span = trace.getTracer('own').startSpan('own', {
      attributes: { a: 1, b: 2, c: 'long text' },
      links: [1, 2, 3].map(n => ({ context: { traceId: String(n).repeat(32), spanId: '2'.repeat(16), traceFlags: 1 }, attributes: { a: 1, b: 2, c: 3 } })),
    })
    for (const name of ['first', 'second', 'third']) span.addEvent(name, { a: 'long text', b: 2, c: 3 })
    span.end()
  }`

t.test('every limit holds, and what is cut is counted', async t => {
  const limited = await run({
    code: SPANS,
    events: [{}],
    env: {
      OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '2',
      OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '4',
      OTEL_SPAN_EVENT_COUNT_LIMIT: '2',
      OTEL_SPAN_LINK_COUNT_LIMIT: '1',
      OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: '1',
      OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: '0',
    },
  })
  t.match(limited[0], {
    droppedAttributesCount: 1,
    droppedEventsCount: 1,
    droppedLinksCount: 2,
    attributes: { a: 1, b: 2, c: undefined },
    events: [
      { name: 'first', attributes: { a: 'long', b: undefined }, droppedAttributesCount: 2 },
      { name: 'second', droppedAttributesCount: 2 },
    ],
    links: [{ traceId: '1'.repeat(32), attributes: {}, droppedAttributesCount: 3 }],
  })
  t.equal(limited[0]?.events.length, 2)
  t.equal(limited[0]?.links.length, 1)
  const general = await run({
    code: SPANS,
    events: [{}],
    env: {
      OTEL_ATTRIBUTE_COUNT_LIMIT: '1',
      OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '3',
      OTEL_SPAN_EVENT_COUNT_LIMIT: '0',
    },
  })
  t.match(general[0], { droppedAttributesCount: 2, droppedEventsCount: 3, droppedLinksCount: 0 })
  t.strictSame(general[0]?.events, [])
})

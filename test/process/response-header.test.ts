// The built bootstrap with BATON_RESPONSE_HEADER: what the caller is answered.
import t from 'tap'
import { startFunction } from '../helpers/function.ts'
import { startCollector } from '../helpers/otlp.ts'

const V2 = {
  version: '2.0',
  routeKey: 'GET /a',
  rawPath: '/a',
  headers: {},
  requestContext: { http: { method: 'GET' } },
}
const REST = { httpMethod: 'GET', resource: '/a', headers: {}, requestContext: { stage: 'prod' } }
const ALB = {
  httpMethod: 'GET',
  path: '/a',
  multiValueHeaders: {},
  requestContext: { elb: { targetGroupArn: 'arn' } },
}
const URL_EVENT = {
  ...V2,
  routeKey: '$default',
  requestContext: { ...V2.requestContext, domainName: 'abc.lambda-url.eu-west-1.on.aws' },
}

const HANDLER = `
  const own = Object.freeze({ statusCode: 200, headers: Object.freeze({ 'x-own': '1' }) })
  exports.handler = async event => {
    if (event.rawPath === '/fail') throw new Error('failed')
    if (event.rawPath === '/text') return 'hello'
    if (event.rawPath === '/bare') return { message: 'hello' }
    if (event.rawPath === '/own') return { statusCode: 200, headers: { TraceParent: 'own' } }
    if (event.rawPath === '/throws') return { get statusCode() { throw new RangeError('own') } }
    return own
  }`

async function answers(
  events: readonly object[],
  env: Record<string, string>,
  code: string = HANDLER,
): Promise<{ bodies: string[]; operations: string[]; traceIds: string[]; log: string }> {
  await using collector = await startCollector()
  await using fn = await startFunction({
    files: { 'index.js': code },
    events: events.map(event => ({ body: JSON.stringify(event) })),
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env },
  })
  await fn.answered(events.length)
  await collector.waitForSpans(events.length)
  return {
    bodies: fn.api.posts.map(({ body }) => body),
    operations: fn.api.posts.map(({ operation }) => operation),
    traceIds: collector.spans.map(({ traceId, spanId }) => `${traceId}-${spanId}`),
    log: fn.stdout(),
  }
}

t.test('every HTTP shape is answered with the id of its own invocation span', async t => {
  const events = [REST, V2, URL_EVENT, ALB]
  const { bodies, traceIds } = await answers(events, { BATON_RESPONSE_HEADER: 'traceparent' })
  bodies.forEach((body, index) => {
    t.strictSame(JSON.parse(body), {
      statusCode: 200,
      headers: { 'x-own': '1', traceparent: `00-${traceIds[index]}-01` },
    })
  })
})

t.test('server-timing, and nothing where nothing is asked for', async t => {
  const { bodies, traceIds } = await answers([V2], { BATON_RESPONSE_HEADER: 'Server-Timing' })
  t.match(JSON.parse(bodies[0] ?? ''), {
    headers: { 'server-timing': `traceparent;desc="00-${traceIds[0]}-01"` },
  })
  const off = await answers([V2], {})
  t.strictSame(off.bodies, ['{"statusCode":200,"headers":{"x-own":"1"}}'])
})

t.test('with payload format 2.0 a body by itself is answered with the header too', async t => {
  const events = ['/text', '/bare'].map(rawPath => ({ ...V2, rawPath }))
  const { bodies, traceIds } = await answers(events, { BATON_RESPONSE_HEADER: 'traceparent' })
  for (const [index, body] of ['hello', '{"message":"hello"}'].entries()) {
    const traceparent = `00-${traceIds[index]}-01`
    t.strictSame(JSON.parse(bodies[index] ?? ''), {
      statusCode: 200,
      headers: { 'content-type': 'application/json', traceparent },
      body,
    })
  }
})

t.test('a base64 body, and all else of a response, is left alone', async t => {
  const code = `exports.handler = async () => ({ statusCode: '201', isBase64Encoded: true, cookies: ['a=b'], body: 'AAEC' })`
  const env = { BATON_RESPONSE_HEADER: 'traceparent' }
  const { bodies, traceIds } = await answers([REST, V2, URL_EVENT, ALB], env, code)
  const rest = { statusCode: '201', isBase64Encoded: true, cookies: ['a=b'], body: 'AAEC' }
  bodies.forEach((body, index) => {
    const traceparent = `00-${traceIds[index]}-01`
    const added =
      index === 3
        ? { multiValueHeaders: { traceparent: [traceparent] } }
        : { headers: { traceparent } }
    t.strictSame(JSON.parse(body), { ...rest, ...added })
  })
})

t.test('errors, own headers and other triggers stay as they are', async t => {
  const paths = ['/own', '/fail', '/throws']
  const events = [
    ...paths.map(rawPath => ({ ...V2, rawPath })),
    { Records: [] },
    { ...REST, rawPath: '/text' },
    { ...ALB, rawPath: '/bare' },
  ]
  const [on, off] = [
    await answers(events, { BATON_RESPONSE_HEADER: 'traceparent' }),
    await answers(events, {}),
  ]
  t.strictSame(on.operations, [
    ...['response', 'error', 'error'],
    ...['response', 'response', 'response'],
  ])
  t.strictSame(on.operations, off.operations)
  const comparable = (bodies: string[]) => bodies.map(body => body.replace(/\/tmp\/[^/]+/g, ''))
  t.strictSame(comparable(on.bodies), comparable(off.bodies))
  t.match(on.log, /adding the response header: RangeError: own \(said once/)
})

t.test('the prelude of an HTTP response stream gets it too', async t => {
  const code = `
    exports.handler = awslambda.streamifyResponse(async (event, stream) => {
      const prelude = event.rawPath === '/none' ? undefined : { statusCode: 201, cookies: ['a=b'] }
      const http = awslambda.HttpResponseStream.from(stream, prelude)
      http.end('hello')
    })`
  const events = [URL_EVENT, { ...URL_EVENT, rawPath: '/none' }, { other: true }]
  const { bodies, traceIds } = await answers(events, { BATON_RESPONSE_HEADER: 'traceparent' }, code)
  const [first = '', second = '', third = ''] = bodies
  const [prelude = '', body] = first.split('\0'.repeat(8))
  t.equal(body, 'hello')
  t.strictSame(JSON.parse(prelude), {
    statusCode: 201,
    cookies: ['a=b'],
    headers: { traceparent: `00-${traceIds[0]}-01` },
  })
  t.match(second, `{"headers":{"traceparent":"00-${traceIds[1]}-01"}}\0`)
  t.match(third, '{"statusCode":201,"cookies":["a=b"]}\0', 'no HTTP event')
})

t.test('without tracing there is no header, whatever is asked for', async t => {
  await using fn = await startFunction({
    files: { 'index.js': HANDLER },
    events: [V2],
    env: { BATON_RESPONSE_HEADER: 'traceparent' },
  })
  await fn.answered(1)
  t.equal(fn.api.posts[0]?.body, '{"statusCode":200,"headers":{"x-own":"1"}}')
})

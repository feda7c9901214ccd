import t from 'tap'
import { extractParent } from '../../../instrumentation/propagation/extract-parent.ts'
import { detectTrigger } from '../../../instrumentation/triggers/detect.ts'
import type { Trigger } from '../../../instrumentation/triggers/trigger.ts'
import { readEvent } from './read-event.ts'

/** A fixture with some of its top-level fields replaced. */
const trigger = (name: string, changes: Record<string, unknown> = {}): Trigger =>
  detectTrigger({ ...readEvent(name), ...changes }, 'fn')

t.test('a method is recorded in its canonical form, an unknown one as _OTHER', async t => {
  const cases: [method: unknown, name: string, recorded: string, original: unknown][] = [
    ['PATCH', 'PATCH /orders/{orderId}', 'PATCH', undefined],
    ['QUERY', 'QUERY /orders/{orderId}', 'QUERY', undefined],
    ['get', 'GET /orders/{orderId}', 'GET', 'get'],
    ['BREW', 'HTTP /orders/{orderId}', '_OTHER', 'BREW'],
    ['X'.repeat(5000), 'HTTP /orders/{orderId}', '_OTHER', 'X'.repeat(32)],
    ['', 'HTTP /orders/{orderId}', '_OTHER', undefined],
  ]
  for (const [httpMethod, name, recorded, original] of cases) {
    const { spanName, attributes } = trigger('api-gateway-rest', { httpMethod })
    t.equal(spanName, name)
    t.equal(attributes['http.request.method'], recorded)
    t.equal(attributes['http.request.method_original'], original)
  }
  const { spanName, attributes } = trigger('alb', { httpMethod: 7 })
  t.equal(spanName, 'HTTP')
  t.equal(attributes['http.request.method'], '_OTHER')
})

t.test('what is no route template leaves the method alone as the name', async t => {
  for (const routeKey of ['$default', '', 'POST', 'ANY orders', undefined, null, 7, ['GET /a']]) {
    const { spanName, attributes } = trigger('api-gateway-http', { routeKey })
    t.equal(spanName, 'POST', String(routeKey))
    t.equal(attributes['http.route'], undefined)
  }
  t.equal(trigger('api-gateway-rest', { resource: '$default' }).spanName, 'GET')
})

t.test('names and texts are cut to their bounds', async t => {
  const long = `/${'a'.repeat(100_000)}`
  const event = { resource: long, path: long, headers: { 'user-agent': 'u'.repeat(8000) } }
  const rest = trigger('api-gateway-rest', {
    ...event,
    requestContext: { stage: 'prod', domainName: long, identity: { sourceIp: long } },
  })
  t.equal(rest.spanName.length, 'GET '.length + 256)
  const lengths = Object.entries(rest.attributes).map(([name, value]) => [name, `${value}`.length])
  t.match(Object.fromEntries(lengths), {
    'http.route': 256,
    'url.path': 1024,
    'client.address': 256,
    'user_agent.original': 1024,
    'server.address': 256,
  })
  t.equal(detectTrigger({}, 'f'.repeat(300)).spanName.length, 256)
  t.equal(detectTrigger({}, '').spanName, 'invocation')
})

t.test('the user agent is what the service in front recorded, else the header', async t => {
  const headers = { 'User-Agent': 'from-header' }
  const agent = (name: string, changes: Record<string, unknown>) =>
    trigger(name, changes).attributes['user_agent.original']
  for (const name of ['api-gateway-rest', 'api-gateway-http', 'function-url']) {
    const { requestContext } = readEvent(name) as { requestContext: Record<string, unknown> }
    const silent = { ...requestContext, http: {}, identity: { userAgent: null } }
    t.not(agent(name, { headers }), 'from-header')
    t.equal(agent(name, { headers, requestContext: silent }), 'from-header')
    const multiValueHeaders = { 'user-agent': ['from-list'] }
    t.equal(agent(name, { headers: {}, multiValueHeaders, requestContext: silent }), 'from-list')
  }
})

t.test('the scheme is what the service in front says, if it is one', async t => {
  const scheme = (name: string, value: unknown) =>
    trigger(name, { headers: { 'X-Forwarded-Proto': value } }).attributes['url.scheme']
  t.equal(scheme('api-gateway-rest', 'http'), 'http')
  t.equal(scheme('api-gateway-rest', 'gopher'), undefined)
  t.equal(scheme('api-gateway-http', undefined), 'https')
  t.equal(scheme('function-url', undefined), 'https')
  t.equal(scheme('alb', undefined), undefined)
})

t.test('behind a load balancer the client is the first address it was sent by', async t => {
  const cases: [forwardedFor: unknown, address: string | undefined][] = [
    ['198.51.100.7', '198.51.100.7'],
    ['198.51.100.7:41022', '198.51.100.7'],
    [' 198.51.100.7 , 10.0.0.1', '198.51.100.7'],
    ['2001:db8::1, 10.0.0.1', '2001:db8::1'],
    ['unknown, 10.0.0.1', undefined],
    ['<script>', undefined],
    ['', undefined],
    [7, undefined],
  ]
  for (const [forwardedFor, address] of cases) {
    const { attributes } = trigger('alb', { headers: { 'x-forwarded-for': forwardedFor } })
    t.equal(attributes['client.address'], address, String(forwardedFor))
  }
})

t.test('the host behind a load balancer is recorded without its port', async t => {
  const cases = { 'a.example:8080': 'a.example', 'a.example': 'a.example', '[::1]:80': '[::1]' }
  for (const [host, address] of Object.entries(cases)) {
    t.equal(trigger('alb', { headers: { Host: host } }).attributes['server.address'], address)
  }
})

t.test('sources are told apart by as little as their events differ in', async t => {
  const cases: [event: Record<string, unknown>, source: string][] = [
    [{ httpMethod: 'GET', resource: '/', requestContext: { stage: 'a' } }, 'api-gateway-rest'],
    [{ httpMethod: 'GET', resource: '/', requestContext: {} }, 'other'],
    [{ httpMethod: 'GET', requestContext: { stage: 'a' } }, 'other'],
    [{ version: '2.0', rawPath: '/' }, 'api-gateway-http'],
    [{ version: 2, rawPath: '/' }, 'other'],
    [{ version: '1.0', rawPath: '/' }, 'other'],
    [
      { version: '2.0', rawPath: '/', requestContext: { domainName: 'lambda-url' } },
      'api-gateway-http',
    ],
    [{ requestContext: { domainName: 'x.lambda-url.eu-west-1.on.aws' } }, 'function-url'],
    [{ requestContext: { elb: {} } }, 'alb'],
    [{ requestContext: { elb: 'elb' } }, 'other'],
    [{ requestContext: 'elb' }, 'other'],
  ]
  for (const [event, source] of cases) {
    t.equal(detectTrigger(event, 'fn').source, source, JSON.stringify(event))
  }
})

t.test("an authorizer's context is read, by itself and packed, after the headers", async t => {
  const [traceId, spanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331']
  const traceparent = `00-${traceId}-${spanId}-01`
  const packed = JSON.stringify({ traceparent })
  const contexts = [
    { principalId: 'p', traceparent },
    { principalId: 'p', _datadog: packed },
    { principalId: 'p', _datadog: Buffer.from(packed).toString('base64') },
  ]
  for (const [name, toContext] of [
    ['api-gateway-rest', (context: object) => ({ stage: 'prod', authorizer: context })],
    ['api-gateway-http', (context: object) => ({ authorizer: { lambda: context } })],
    [
      'api-gateway-websocket-message',
      (context: object) => ({ messageDirection: 'IN', authorizer: context }),
    ],
  ] as const) {
    const find = (context: object, headers: object) => {
      const changes = { headers, multiValueHeaders: undefined, body: undefined }
      const event = { ...changes, requestContext: toContext(context) }
      const { carriers } = trigger(name, event)
      return extractParent({ carriers, clientContext: undefined, traceHeader: undefined }).parent
    }
    for (const context of contexts)
      t.match(find(context, {}), { spanContext: { traceId, spanId }, carrier: /authorizer/ }, name)
    const own = traceparent.replace('b7ad', 'c8be')
    t.match(find(contexts[0] ?? {}, { traceparent: own }), { carrier: /headers/ }, name)
    for (const broken of [7, 'e30', 'eyJ', '[]', null])
      t.equal(find({ _datadog: broken }, {}), undefined, `${name}: ${broken}`)
  }
})

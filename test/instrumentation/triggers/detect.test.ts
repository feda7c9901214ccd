import t from 'tap'
import { extractParent } from '../../../instrumentation/propagation/extract-parent.ts'
import { detectTrigger } from '../../../instrumentation/triggers/detect.ts'
import { readEvent } from './read-event.ts'

interface Expected {
  readonly source: string
  readonly spanName: string
  readonly attributes: Record<string, string>
  /** Trace id, span id, flags. */
  readonly parent?: readonly [string, string, number]
  readonly traceState?: string
  readonly baggage?: string
  /** The carrier of the parent, or every carrier looked at. */
  readonly carriers: readonly string[]
}

const HTTP = { 'faas.trigger': 'http', 'url.scheme': 'https' }

const TABLE: Record<string, Expected> = {
  'api-gateway-rest': {
    source: 'api-gateway-rest',
    spanName: 'GET /orders/{orderId}',
    attributes: {
      ...HTTP,
      'http.request.method': 'GET',
      'http.route': '/orders/{orderId}',
      'url.path': '/orders/7421',
      'client.address': '203.0.113.17',
      'user_agent.original': 'okhttp/4.12.0',
      'server.address': 'a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com',
    },
    parent: ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7', 1],
    traceState: 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE',
    carriers: ['apigateway.headers'],
  },
  'api-gateway-rest-proxy': {
    source: 'api-gateway-rest',
    spanName: 'POST /{proxy+}',
    attributes: {
      ...HTTP,
      'http.request.method': 'POST',
      'http.route': '/{proxy+}',
      'url.path': '/v2/customers/88/invoices',
      'client.address': '2001:db8::2:1',
      'user_agent.original': 'curl/8.9.1',
      'server.address': 'api.example.com',
    },
    parent: ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331', 0],
    carriers: ['apigateway.headers'],
  },
  'api-gateway-rest-console-test': {
    source: 'api-gateway-rest',
    spanName: 'GET /orders',
    attributes: {
      ...HTTP,
      'http.request.method': 'GET',
      'http.route': '/orders',
      'url.path': '/orders',
      'client.address': 'test-invoke-source-ip',
      'user_agent.original': 'aws-internal/3 aws-sdk-java/1.12',
      'server.address': 'testPrefix.testDomainName',
    },
    carriers: ['apigateway.headers', 'client-context', 'xray'],
  },
  'api-gateway-http': {
    source: 'api-gateway-http',
    spanName: 'POST /orders',
    attributes: {
      ...HTTP,
      'http.request.method': 'POST',
      'http.route': '/orders',
      'url.path': '/orders',
      'client.address': '198.51.100.23',
      'user_agent.original': 'shop-web/3.4.1 (node)',
      'server.address': 'k9m8n7b6v5.execute-api.us-east-1.amazonaws.com',
    },
    parent: ['7d3efb1b173fecfa1d2e3f4a5b6c7d8e', 'a1b2c3d4e5f60718', 1],
    traceState: 'upstream=shop-web',
    baggage: 'tenant=acme,cart=4711',
    carriers: ['apigateway.headers'],
  },
  'api-gateway-http-any': {
    source: 'api-gateway-http',
    spanName: 'DELETE /files/{path+}',
    attributes: {
      ...HTTP,
      'http.request.method': 'DELETE',
      'http.route': '/files/{path+}',
      'url.path': '/dev/files/2025/report.pdf',
      'client.address': '192.0.2.44',
      'user_agent.original': 'python-requests/2.32.3',
      'server.address': 'files.example.org',
    },
    carriers: ['apigateway.headers', 'client-context', 'xray'],
  },
  'api-gateway-http-default': {
    source: 'api-gateway-http',
    spanName: 'GET',
    attributes: {
      ...HTTP,
      'http.request.method': 'GET',
      'url.path': '/users/17/avatar',
      'client.address': '198.51.100.77',
      'user_agent.original':
        'Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0',
      'server.address': 'k9m8n7b6v5.execute-api.us-east-1.amazonaws.com',
    },
    parent: ['8c1e6f0a2b4d6e8f0a1b2c3d4e5f6071', '1f2e3d4c5b6a7988', 1],
    carriers: ['apigateway.headers'],
  },
  'function-url': {
    source: 'function-url',
    spanName: 'POST',
    attributes: {
      ...HTTP,
      'http.request.method': 'POST',
      'url.path': '/webhooks/payment/pi_3QaZ',
      'client.address': '192.0.2.200',
      'user_agent.original': 'PayHook/1.0',
      'server.address': 'm2n3b4v5c6x7z8.lambda-url.eu-west-1.on.aws',
    },
    parent: ['5b8aa5a2d2c872e8321cf37308d69df2', '051581bf3cb55c13', 1],
    carriers: ['function-url.headers'],
  },
  'function-url-iam': {
    source: 'function-url',
    spanName: 'GET',
    attributes: {
      ...HTTP,
      'http.request.method': 'GET',
      'url.path': '/',
      'client.address': '203.0.113.99',
      'user_agent.original': 'aws-sdk-js/3.981.0',
      'server.address': 'r5t6y7u8i9o0p1.lambda-url.us-west-2.on.aws',
    },
    parent: ['1c2d3e4f5061728394a5b6c7d8e9fa0b', '2d3e4f5061728394', 1],
    carriers: ['function-url.headers'],
  },
  alb: {
    source: 'alb',
    spanName: 'GET',
    attributes: {
      ...HTTP,
      'http.request.method': 'GET',
      'url.path': '/orders/7421',
      'client.address': '72.21.198.66',
      'user_agent.original': 'ELB-HealthChecker/2.0',
      'server.address': 'orders-1846800462.us-east-2.elb.amazonaws.com',
    },
    parent: ['9a8b7c6d5e4f30211203f4e5d6c7b8a9', 'f0e1d2c3b4a59687', 1],
    carriers: ['alb.headers'],
  },
  'alb-multi-value': {
    source: 'alb',
    spanName: 'PUT',
    attributes: {
      'faas.trigger': 'http',
      'url.scheme': 'http',
      'http.request.method': 'PUT',
      'url.path': '/carts/5f0c',
      'client.address': '10.0.14.9',
      'user_agent.original': 'Go-http-client/2.0',
      'server.address': 'internal.example.net',
    },
    parent: ['2f4e6d8c0ba9182736455463728190af', '3a5c7e90b2d4f608', 1],
    traceState: 'one=1,two=2',
    carriers: ['alb.multiValueHeaders'],
  },
  'other-direct-invoke': {
    source: 'other',
    spanName: 'my-function',
    attributes: { 'faas.trigger': 'other' },
    carriers: ['client-context', 'xray'],
  },
  'other-array': {
    source: 'other',
    spanName: 'my-function',
    attributes: { 'faas.trigger': 'other' },
    carriers: ['client-context', 'xray'],
  },
}

const SERVER = 2

for (const [name, expected] of Object.entries(TABLE)) {
  t.test(`${name}: source, span and parent`, async t => {
    const trigger = detectTrigger(readEvent(name), 'my-function')
    t.equal(trigger.source, expected.source)
    t.equal(trigger.spanName, expected.spanName)
    t.equal(trigger.spanKind, SERVER)
    t.equal(trigger.faasTrigger, expected.attributes['faas.trigger'])
    const known = Object.entries(trigger.attributes).filter(([, value]) => value !== undefined)
    t.strictSame(Object.fromEntries(known), expected.attributes)

    const { carriers } = trigger
    const found = extractParent({ carriers, clientContext: undefined, traceHeader: undefined })
    if (expected.parent === undefined) {
      t.equal(found.parent, undefined)
      t.strictSame(found.tried, expected.carriers)
      return
    }
    const [traceId, spanId, traceFlags] = expected.parent
    t.strictSame(found.parent, {
      spanContext: { traceId, spanId, traceFlags, traceState: expected.traceState },
      baggage: expected.baggage,
      isRemote: true,
      carrier: expected.carriers[0],
    })
  })
}

t.test('of a REST event both sets of headers are carriers, the single values first', async t => {
  const { carriers } = detectTrigger(readEvent('api-gateway-rest'), 'fn')
  t.strictSame(
    carriers.map(({ name }) => name),
    ['apigateway.headers', 'apigateway.multiValueHeaders'],
  )
  const event = readEvent('api-gateway-rest')
  event.headers = { traceparent: 'broken' }
  const found = extractParent({
    carriers: detectTrigger(event, 'fn').carriers,
    clientContext: undefined,
    traceHeader: undefined,
  })
  t.equal(found.parent?.carrier, 'apigateway.multiValueHeaders')
})

t.test('no query string and no header but the user agent is recorded', async t => {
  for (const name of Object.keys(TABLE)) {
    const event = readEvent(name)
    if (typeof event.rawPath === 'string') event.rawPath += '?token=s3cr3t'
    if (typeof event.path === 'string') event.path += '?token=s3cr3t'
    const recorded = JSON.stringify(detectTrigger(event, 'fn').attributes)
    t.notMatch(recorded, /s3cr3t|deadbeef|application\/json|Root=/, name)
  }
})

// What X-Ray's console knows how to show: requests, AWS calls, queries, failures and their stacks.
import t from 'tap'
import { ATTR_XRAY_SEGMENT } from '../../../instrumentation/propagation/xray-segment.ts'
import { startSpan } from './decode.ts'
import { convert, startCall } from './xray-spans.ts'

const SEGMENT = '53995c3f42cd8ad8'
const INTERNAL = 1
const SERVER = 2

t.test('an HTTP call has its request and its response', async t => {
  const { http, annotations } = convert(
    t,
    startCall({
      'http.request.method': 'POST',
      'url.full': 'https://api.example.com/a?b=1',
      'http.response.status_code': 204,
      'http.response.body.size': 12,
      'server.address': 'api.example.com',
    }),
  )
  t.strictSame(http, {
    request: { method: 'POST', url: 'https://api.example.com/a?b=1' },
    response: { status: 204, content_length: 12 },
  })
  t.strictSame(annotations, { server_address: 'api.example.com' })
})

t.test('an invocation by HTTP has its URL put together', async t => {
  const span = startSpan({ kind: SERVER })
  span.setAttributes({
    [ATTR_XRAY_SEGMENT]: SEGMENT,
    'http.request.method': 'GET',
    'url.scheme': 'https',
    'url.path': '/orders/7',
    'server.address': 'shop.example',
    'client.address': '203.0.113.9',
    'user_agent.original': 'curl/8',
  })
  t.strictSame(convert(t, span).http, {
    request: {
      method: 'GET',
      url: 'https://shop.example/orders/7',
      user_agent: 'curl/8',
      client_ip: '203.0.113.9',
    },
  })
})

t.test(
  'a text of 250 characters is told once, one of 251 is cut and told whole as well',
  async t => {
    const fits = convert(t, startCall({ 'url.full': 'u'.repeat(250) }))
    t.strictSame([fits.http?.request?.url?.length, fits.annotations], [250, undefined])
    const cut = convert(t, startCall({ 'url.full': 'u'.repeat(251) }))
    t.strictSame(
      [cut.http?.request?.url?.length, cut.annotations],
      [250, { url_full: 'u'.repeat(251) }],
    )
  },
)

t.test('an AWS call says what it did to what', async t => {
  const document = convert(
    t,
    startCall({
      'rpc.system.name': 'aws-api',
      'rpc.method': 'DynamoDB/PutItem',
      'cloud.region': 'eu-west-1',
      'aws.request_id': 'R1',
      'aws.dynamodb.table_names': ['orders', 'more'],
      'http.response.status_code': 200,
    }),
  )
  t.match(document, {
    namespace: 'aws',
    aws: { operation: 'PutItem', region: 'eu-west-1', request_id: 'R1', table_name: 'orders' },
    http: { response: { status: 200 } },
  })
  const queue = convert(
    t,
    startCall({
      'rpc.system.name': 'aws-api',
      'rpc.method': 'SQS.SendMessage',
      'aws.sqs.queue.url': 'u',
    }),
  )
  t.match(queue, { name: 'SQS', aws: { operation: 'SendMessage', queue_url: 'u' } })
})

t.test('a query in SQL is told as X-Ray shows it, another database is not', async t => {
  const call = {
    'server.address': 'db.example',
    'server.port': 5432,
    'db.namespace': 'shop',
    'db.query.text': 'SELECT 1 WHERE a = ?',
  }
  t.strictSame(convert(t, startCall({ ...call, 'db.system.name': 'postgresql' })).sql, {
    url: 'db.example:5432/shop',
    database_type: 'postgresql',
    sanitized_query: 'SELECT 1 WHERE a = ?',
  })
  t.notOk('sql' in convert(t, startCall({ ...call, 'db.system.name': 'mongodb' })))
})

for (const [status, flags] of [
  [200, {}],
  [399, {}],
  [400, { error: true }],
  [404, { error: true }],
  [429, { error: true, throttle: true }],
  [499, { error: true }],
  [500, { fault: true }],
  [503, { fault: true }],
] as const) {
  t.test(`a status of ${status} means ${JSON.stringify(flags)}`, async t => {
    const { error, throttle, fault } = convert(
      t,
      startCall({ 'http.response.status_code': status }),
    )
    t.strictSame(JSON.parse(JSON.stringify({ error, throttle, fault })), flags)
  })
}

t.test('an exception is told with its stack', async t => {
  const span = startCall({ 'error.type': 'TypeError' }, { kind: INTERNAL })
  span.setError('no such thing')
  span.addEvent('exception', 1, {
    'exception.type': 'TypeError',
    'exception.message': 'no such thing',
    'exception.stacktrace': [
      'TypeError: no such thing',
      '    at handler (/var/task/index.js:3:9)',
      '    at async file:///var/task/a.mjs:10:1',
      '    at Array.map (<anonymous>)',
      '  caused by nothing',
    ].join('\n'),
  })
  span.addEvent('other', 1_700_000_000_000.5, { k: 'v' })
  const document = convert(t, span)
  t.equal(document.fault, true)
  t.match(document.cause?.exceptions, [
    {
      type: 'TypeError',
      message: 'no such thing',
      stack: [
        { path: '/var/task/index.js', line: 3, label: 'handler' },
        { path: '/var/task/a.mjs', line: 10, label: 'anonymous' },
        { path: '<anonymous>', label: 'Array.map' },
      ],
    },
  ])
  t.not(document.cause?.exceptions[0]?.id, document.id)
  t.strictSame(document.metadata?.otel.events, [
    { name: 'other', time: 1_700_000_000.0005, attributes: { k: 'v' } },
  ])
})

t.test(
  'exceptions have ids of their own; of a deep stack 50 frames are told and the rest counted',
  async t => {
    const span = startCall()
    const stack = (frames: number): string =>
      ['E', ...Array.from({ length: frames }, (_, n) => `    at f${n} (/a.js:${n}:1)`)].join('\n')
    for (const frames of [50, 51, 60])
      span.addEvent('exception', 1, { 'exception.stacktrace': stack(frames) })
    const exceptions = convert(t, span).cause?.exceptions ?? []
    t.equal(new Set(exceptions.map(each => each.id)).size, 3)
    t.strictSame(
      exceptions.map(each => [each.stack?.length, each.truncated, each.remote]),
      [
        [50, undefined, true],
        [50, 1, true],
        [50, 10, true],
      ],
    )
  },
)

t.test('a failure without an exception is told by its status', async t => {
  const span = startCall({ 'error.type': 'timeout' }, { kind: INTERNAL })
  span.setError('The invocation ran out of time')
  t.match(convert(t, span), {
    fault: true,
    cause: { exceptions: [{ type: 'timeout', message: 'The invocation ran out of time' }] },
  })
})

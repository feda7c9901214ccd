// What node:http's requests carry already, and whether context may be put beside it.
import { get, type RequestOptions, request as startRequest } from 'node:http'
import t from 'tap'
import { readAll } from './node-requests.ts'
import { attributesOf, startService, startTraced, traceparentOf } from './traced.ts'

const AWS4 = 'AWS4-HMAC-SHA256 Credential=x, SignedHeaders=host, Signature=y'

for (const [name, headers, expected] of [
  ['a traceparent', { TraceParent: 'own' }, { traceparent: 'own' }],
  ['a signature of AWS', { Authorization: AWS4 }, { authorization: AWS4 }],
  [
    'a signature of AWS, region set',
    { authorization: AWS4.replace('HMAC', 'ECDSA-P256') },
    { authorization: AWS4.replace('HMAC', 'ECDSA-P256') },
  ],
] as const) {
  t.test(`C157 ${name} leaves the headers as they are, and has its span`, async t => {
    await using service = await startService()
    const traced = startTraced({ traceState: 'a=1', baggage: 'b=2' })
    await traced.run(() => readAll(get(service.url, { headers })))
    const { host: _host, connection: _connection, ...sent } = service.seen[0]?.headers ?? {}
    t.strictSame(sent, expected)
    t.match(attributesOf(traced.ended[0]), { 'http.response.status_code': 200 })
  })
}

t.test('C157 of a signed request that is sent again, the number of resends is told', async t => {
  await using service = await startService()
  const traced = startTraced()
  const send = async (attempt: string): Promise<unknown> => {
    const headers = { authorization: AWS4, 'amz-sdk-request': attempt }
    await traced.run(() => readAll(get(service.url, { headers })))
    return attributesOf(traced.ended.at(-1))['http.request.resend_count']
  }
  t.equal(await send('attempt=1; max=3'), undefined)
  t.equal(await send('attempt=2; max=3'), 1)
  t.equal(await send('attempt=x'), undefined)
  t.equal(await send('max=3'), undefined)
})

for (const [name, headers] of [
  ['another authorization', { Authorization: 'Bearer AWS4-HMAC' }],
  ['baggage of its own', { Baggage: 'own=1' }],
] as const) {
  t.test(`${name} stays, and the context is sent beside it`, async t => {
    await using service = await startService()
    const traced = startTraced({ baggage: 'b=2' })
    await traced.run(() => readAll(get(service.url, { headers })))
    const sent = service.seen[0]?.headers
    t.equal(sent?.traceparent, traceparentOf(traced.ended[0]))
    t.match(sent, { baggage: 'Baggage' in headers ? 'own=1' : 'b=2' })
  })
}

t.test(
  'headers given as a flat list are sent as they are, and the request has its span',
  async t => {
    await using service = await startService()
    const traced = startTraced({ baggage: 'b=2' })
    const options: RequestOptions = { headers: ['Host', 'x.example', 'X-A', '1', 'X-A', '2'] }
    await traced.run(() => readAll(startRequest(`${service.url}/flat`, options).end()))
    t.strictSame(service.seen[0]?.rawHeaders.slice(0, 6), [
      'Host',
      'x.example',
      'X-A',
      '1',
      'X-A',
      '2',
    ])
    t.notOk('traceparent' in (service.seen[0]?.headers ?? {}))
    t.match(attributesOf(traced.ended[0]), { 'http.response.status_code': 200 })
  },
)

for (const [name, headers] of [
  ['as a flat list', ['X-A', '1', 'Host', 'h']],
  ['with a Host of their own', { Host: 'virtual.example' }],
] as const) {
  t.test(`headers ${name} do not hide which port was called`, async t => {
    await using service = await startService()
    const traced = startTraced()
    await traced.run(() =>
      readAll(get(`${service.url}/x`, { headers: headers as RequestOptions['headers'] })),
    )
    t.match(attributesOf(traced.ended[0]), {
      'url.full': `${service.url}/x`,
      'server.address': '127.0.0.1',
      'server.port': service.port,
    })
  })
}

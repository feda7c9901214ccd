// The Runtime API's calls as the platform sees them, and its refusals as the runtime sees them.
import t, { type Test } from 'tap'
import { RuntimeApiClient } from '../../../runtime/api/client.ts'
import { createHttpClient, type StreamingHttpClient } from '../../../runtime/api/http-client.ts'
import type { HttpRequest } from '../../../runtime/contract.ts'
import type { ErrorReport } from '../../../runtime/failure/error-report.ts'
import { type RuntimeApi, startRuntimeApi } from '../../helpers/runtime-api.ts'
import { closedPort, ok, startRawServer } from './raw-server.ts'

const USER_AGENT = 'baton/1.2.3 node/24.0.0'
const REPORT: ErrorReport = {
  errorType: 'TypeError',
  body: '{"errorType":"TypeError","errorMessage":"é","trace":[]}',
  headers: { 'Lambda-Runtime-Function-Error-Type': 'Function.Unhandled' },
}

function connect(t: Test, address: string): RuntimeApiClient {
  const [host = '', port] = address.split(':')
  const http = createHttpClient({ host, port: Number(port) })
  t.teardown(() => http.close())
  return new RuntimeApiClient(http, USER_AGENT)
}

/** Passes requests on to a real client and keeps count of them. */
function countRequests(
  http: StreamingHttpClient,
): StreamingHttpClient & { readonly seen: HttpRequest[] } {
  const seen: HttpRequest[] = []
  return {
    seen,
    request(request) {
      seen.push(request)
      return http.request(request)
    },
    stream: head => http.stream(head),
    close: () => http.close(),
  }
}

t.test('C40 the user agent goes with every call', async t => {
  await using api = await startRuntimeApi({ events: ['{}'] })
  const client = connect(t, api.address)
  await client.next()
  await client.respond('req-0', 'null')
  await client.fail('req-1', REPORT)
  await client.failInit(REPORT)
  const calls = [...api.nexts, ...api.posts]
  t.equal(calls.length, 4)
  for (const { headers } of calls) t.equal(headers['user-agent'], USER_AGENT)
})

t.test('next() is a GET without a body, and answers headers and body as they came', async t => {
  await using api = await startRuntimeApi({ events: ['{"a":"é"}'] })
  const client = connect(t, api.address)
  t.equal(client.hasServed, false)
  const { headers, body } = await client.next()
  t.equal(body.toString(), '{"a":"é"}')
  t.equal(headers['lambda-runtime-aws-request-id'], 'req-0')
  t.equal(client.hasServed, true)
  t.strictSame(Object.keys(api.nexts[0]?.headers ?? {}).sort(), ['host', 'user-agent'])
})

t.test('C75 the answer is JSON with its length in bytes', async t => {
  await using api = await startRuntimeApi()
  await connect(t, api.address).respond('req-0', '"é"')
  const [post] = api.posts
  t.match(post, { operation: 'response', requestId: 'req-0', body: '"é"' })
  t.strictSame(Object.keys(post?.headers ?? {}).sort(), [
    'content-length',
    'content-type',
    'host',
    'user-agent',
  ])
  t.match(post?.headers, { 'content-type': 'application/json', 'content-length': '4' })
})

t.test('a failure is posted with its body and headers, of an invocation and of init', async t => {
  await using api = await startRuntimeApi()
  const client = connect(t, api.address)
  await client.fail('req-0', REPORT)
  await client.failInit(REPORT)
  t.match(api.posts, [
    { operation: 'error', requestId: 'req-0', path: '/2018-06-01/runtime/invocation/req-0/error' },
    { operation: 'init/error', path: '/2018-06-01/runtime/init/error' },
  ])
  for (const { headers, body } of api.posts) {
    t.equal(body, REPORT.body)
    t.equal(headers['content-type'], 'application/json')
    t.equal(headers['lambda-runtime-function-error-type'], 'Function.Unhandled')
  }
})

for (const [id, encoded] of [
  ['a/b?c#d%e', 'a%2Fb%3Fc%23d%25e'],
  ['8476a536-e9f4-11e8-9739-2dfe598c3fcd', '8476a536-e9f4-11e8-9739-2dfe598c3fcd'],
  ['a b', 'a%20b'],
  ['..', '..'],
  ['é⚡', '%C3%A9%E2%9A%A1'],
  ['a\r\nX-Evil: 1', 'a%0D%0AX-Evil%3A%201'],
  ["-_.!~*'()", "-_.!~*'()"],
] as const) {
  t.test(`C43 the id ${JSON.stringify(id)} stands in the path as ${encoded}`, async t => {
    await using api = await startRuntimeApi()
    const client = connect(t, api.address)
    await client.respond(id, '1')
    await client.fail(id, REPORT)
    t.strictSame(
      api.posts.map(post => post.path),
      ['response', 'error'].map(end => `/2018-06-01/runtime/invocation/${encoded}/${end}`),
    )
  })
}

interface Call {
  readonly operation: string
  readonly call: (client: RuntimeApiClient) => Promise<unknown>
}

const CALLS: readonly Call[] = [
  { operation: 'next', call: client => client.next() },
  { operation: 'response', call: client => client.respond('id', '1') },
  { operation: 'error', call: client => client.fail('id', REPORT) },
  { operation: 'init/error', call: client => client.failInit(REPORT) },
]

for (const { operation, call } of CALLS) {
  t.test(`${operation}: any 2xx is taken, anything else rejects and is not repeated`, async t => {
    let status = 0
    await using server = await startRawServer(({ socket }) =>
      socket.write(`HTTP/1.1 ${status} Scripted\r\nContent-Length: 3\r\n\r\nwhy`),
    )
    const client = connect(t, `127.0.0.1:${server.port}`)
    for (status of [200, 202, 299]) await call(client)
    t.equal(server.requests.length, 3)
    for (status of [300, 400, 403, 410, 413, 431, 500, 503]) {
      await t.rejects(call(client), {
        name: 'Runtime.ApiError',
        code: 'RUNTIME_API_STATUS',
        operation,
        statusCode: status,
        message: `${operation}: expected a 2xx from the Runtime API, got ${status} why`,
      })
    }
    t.equal(server.requests.length, 11, 'each was asked once')
  })
}

t.test('C44 the first next is not asked again when the API refuses it', async t => {
  await using api = await startRuntimeApi({
    events: [{ body: '', fault: { status: 500 } }, '{}'],
  })
  const client = connect(t, api.address)
  await t.rejects(client.next(), { code: 'RUNTIME_API_STATUS', statusCode: 500 })
  t.equal(api.nexts.length, 1)
  t.equal(client.hasServed, false)
})

t.test('a long refusal is quoted in part', async t => {
  await using api = await startRuntimeApi({
    faultOn: () => ({ status: 400, body: 'x'.repeat(10_000) }),
  })
  await t.rejects(connect(t, api.address).respond('id', '1'), { message: /^.{50,80}x{500}$/ })
})

t.test('the first next waits for an API that is not up yet', async t => {
  const port = await closedPort()
  const http = createHttpClient({ host: '127.0.0.1', port })
  t.teardown(() => http.close())
  const refused = Promise.withResolvers<void>()
  const client = new RuntimeApiClient(
    {
      async request(request) {
        try {
          return await http.request(request)
        } catch (error) {
          refused.resolve()
          throw error
        }
      },
      stream: head => http.stream(head),
      close: () => http.close(),
    },
    USER_AGENT,
  )
  const next = client.next()
  await refused.promise
  await using server = await startRawServer(({ socket }) => socket.write(ok('{}')), port)
  t.equal((await next).body.toString(), '{}')
  t.equal(server.requests.length, 1)
})

t.test('the first next is tried four times in all', async t => {
  const http = countRequests(createHttpClient({ host: '127.0.0.1', port: await closedPort() }))
  await t.rejects(new RuntimeApiClient(http, USER_AGENT).next(), { code: 'CONNECTION_FAILED' })
  t.equal(http.seen.length, 4)
})

t.test('a reset of the first next is a matter of connection too', async t => {
  await using api = await startRuntimeApi({
    events: [{ body: '', fault: { reset: true } }, '{"n":2}'],
  })
  t.equal((await connect(t, api.address).next()).body.toString(), '{"n":2}')
  t.equal(api.nexts.length, 2)
})

t.test('C46 once an event was served, a next that finds nobody rejects at once', async t => {
  const api = await startRuntimeApi({ events: ['{}'] })
  const [host = '', port] = api.address.split(':')
  const http = countRequests(createHttpClient({ host, port: Number(port) }))
  const client = new RuntimeApiClient(http, USER_AGENT)
  await client.next()
  await api[Symbol.asyncDispose]()
  await t.rejects(client.next(), { name: 'Runtime.ApiError', code: /^CONNECTION_/ })
  t.equal(http.seen.length, 2)
})

for (const { operation, call } of CALLS.slice(1)) {
  t.test(`C142 ${operation} is not repeated when its connection breaks`, async t => {
    await using api = await startRuntimeApi({ faultOn: () => ({ reset: true }) })
    await t.rejects(call(connect(t, api.address)), { code: 'CONNECTION_CLOSED' })
    t.equal(operationsOf(api).length, 1)
  })

  t.test(`${operation} is not repeated when nobody is there`, async t => {
    const http = countRequests(createHttpClient({ host: '127.0.0.1', port: await closedPort() }))
    await t.rejects(call(new RuntimeApiClient(http, USER_AGENT)), { code: 'CONNECTION_FAILED' })
    t.equal(http.seen.length, 1)
  })
}

function operationsOf(api: RuntimeApi): readonly string[] {
  return api.posts.map(post => post.operation)
}

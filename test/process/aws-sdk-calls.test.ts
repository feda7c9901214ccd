// How an AWS call may go: by promise or callback, side by side, retried, given up, timed out; and that the function's code sees
// none of it. Against a server that answers as it is told.
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { startFunction } from '../helpers/function.ts'
import { type CollectedSpan, expectTree, startCollector } from '../helpers/otlp.ts'

interface Service extends AsyncDisposable {
  readonly url: string
  readonly requests: { readonly headers: IncomingHttpHeaders; readonly body: string }[]
}

/** Answers with these statuses in turn, then 200; 0 is no answer at all. */
async function startService(statuses: readonly number[] = []): Promise<Service> {
  const requests: Service['requests'] = []
  const server = createServer(async (request, response) => {
    const body = await text(request)
    requests.push({ headers: request.headers, body })
    const status = statuses[requests.length - 1] ?? 200
    if (status === 0) return
    response.writeHead(status, { 'x-amzn-requestid': `r-${requests.length}` })
    response.end(status === 200 ? '{"TableNames":[]}' : '{"__type":"ThrottlingException"}')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

interface Run {
  readonly answer: unknown
  readonly spans: readonly CollectedSpan[]
}

/** One invocation of the code, which finds DynamoDB's client as `client`. */
async function run(code: string, service: Service, options: string = ''): Promise<Run> {
  await using collector = await startCollector()
  await using fn = await startFunction({
    hasPackages: true,
    files: {
      'index.mjs': `
        import * as d from '@aws-sdk/client-dynamodb'
        const client = new d.DynamoDBClient({ endpoint: process.env.SERVICE_URL, ${options} })
        const list = (more) => client.send(new d.ListTablesCommand({}), ...(more ?? []))
        const get = url => fetch(url ?? process.env.SERVICE_URL).then(r => r.text())
        export const handler = async () => { ${code} }`,
    },
    events: [{}],
    env: {
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      SERVICE_URL: service.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    },
  })
  await fn.answered(1)
  const spans = await collector.waitForSpans(all => all.some(span => span.name === 'fn'))
  t.equal(fn.stdout() + fn.stderr(), '')
  return { answer: JSON.parse(fn.api.posts[0]?.body ?? 'null'), spans }
}

const callOf = ({ spans }: Run): CollectedSpan | undefined =>
  spans.find(span => span.name === 'DynamoDB.ListTables')

t.test('what comes after an awaited call is no part of it', async t => {
  await using service = await startService()
  const { answer, spans } = await run(
    'const a = await list(); await get(); return a.TableNames',
    service,
  )
  t.strictSame(answer, [])
  expectTree(t, spans, ['fn', ['DynamoDB.ListTables'], ['GET']])
})

t.test('a callback gets what it would get, and what it starts is no part of the call', async t => {
  await using service = await startService()
  const result = await run(
    `return new Promise(resolve => {
      const returned = list([(error, output) => get().then(() => resolve([error, output.TableNames, returned === undefined]))])
    })`,
    service,
  )
  t.strictSame(result.answer, [null, [], true])
  expectTree(t, result.spans, ['fn', ['DynamoDB.ListTables'], ['GET']])
})

t.test('a callback beside options, and its error', async t => {
  await using service = await startService([400])
  const result = await run(
    `return new Promise(resolve => list([{}, (error, output) => resolve([error.name, output === undefined])]))`,
    service,
    'maxAttempts: 1',
  )
  t.strictSame(result.answer, ['ThrottlingException', true])
  t.match(callOf(result), { attributes: { 'error.type': 'ThrottlingException' } })
})

t.test('calls side by side are siblings, each with its own context in its headers', async t => {
  await using service = await startService()
  const result = await run('await Promise.all([list(), list(), list()])', service)
  expectTree(t, result.spans, [
    'fn',
    ['DynamoDB.ListTables'],
    ['DynamoDB.ListTables'],
    ['DynamoDB.ListTables'],
  ])
  const calls = result.spans.filter(span => span.name === 'DynamoDB.ListTables')
  t.strictSame(
    service.requests.map(({ headers }) => headers.traceparent).sort(),
    calls.map(span => `00-${span.traceId}-${span.spanId}-01`).sort(),
  )
  t.strictSame(
    service.requests
      .map(({ headers }) => /Parent=([0-9a-f]+)/.exec(String(headers['x-amzn-trace-id']))?.[1])
      .sort(),
    calls.map(span => span.spanId).sort(),
  )
})

t.test('a call that is retried is one span that says how often', async t => {
  await using service = await startService([500, 500])
  const result = await run('return (await list()).TableNames', service)
  t.strictSame(result.answer, [])
  expectTree(t, result.spans, ['fn', ['DynamoDB.ListTables']])
  t.match(callOf(result), {
    status: { code: 'UNSET' },
    attributes: {
      'http.request.resend_count': 2,
      'http.response.status_code': 200,
      'aws.request_id': 'r-3',
    },
  })
  t.equal(callOf(result)?.attributes['error.type'], undefined)
})

t.test('a call that fails in the end says why', async t => {
  await using service = await startService([500])
  const result = await run('return list().catch(error => error.name)', service, 'maxAttempts: 1')
  t.match(callOf(result), {
    status: { code: 'ERROR' },
    attributes: { 'error.type': result.answer, 'http.response.status_code': 500 },
  })
})

t.test('a call that is aborted', async t => {
  await using service = await startService([0])
  const result = await run(
    `const controller = new AbortController()
    const call = list([{ abortSignal: controller.signal }])
    setTimeout(() => controller.abort(), 30)
    return call.catch(error => error.name)`,
    service,
  )
  t.equal(result.answer, 'AbortError')
  expectTree(t, result.spans, ['fn', ['DynamoDB.ListTables']])
  t.match(callOf(result), { status: { code: 'ERROR' }, attributes: { 'error.type': 'AbortError' } })
})

t.test('a call whose time is over', async t => {
  await using service = await startService([0])
  const result = await run(
    'return list().catch(error => error.name)',
    service,
    'maxAttempts: 1, requestHandler: { requestTimeout: 50, throwOnRequestTimeout: true }',
  )
  t.equal(result.answer, 'TimeoutError')
  t.match(callOf(result), { attributes: { 'error.type': 'TimeoutError' } })
})

t.test('a call to where nobody listens', async t => {
  const service = await startService()
  await service[Symbol.asyncDispose]()
  const result = await run('return list().catch(error => error.code)', service, 'maxAttempts: 1')
  t.equal(result.answer, 'ECONNREFUSED')
  t.match(callOf(result), {
    status: { code: 'ERROR' },
    attributes: { 'error.type': 'ECONNREFUSED' },
  })
})

t.test('a call that never reaches the wire', async t => {
  await using service = await startService()
  const result = await run(
    `client.middlewareStack.add(() => () => { throw new RangeError('no') }, { step: 'initialize' })
    return list().catch(error => error.name)`,
    service,
  )
  t.equal(result.answer, 'RangeError')
  t.match(callOf(result), { attributes: { 'error.type': 'RangeError' } })
  t.equal(service.requests.length, 0)
})

t.test("a request of the user's own inside a call is a child of it", async t => {
  await using service = await startService()
  const result = await run(
    `client.middlewareStack.add(next => async args => { await get(); return next(args) }, { step: 'initialize' })
    await list()`,
    service,
  )
  expectTree(t, result.spans, ['fn', ['DynamoDB.ListTables', ['GET']]])
})

t.test('a rejection that nobody handles is still reported', async t => {
  await using service = await startService([400])
  await using collector = await startCollector()
  await using fn = await startFunction({
    hasPackages: true,
    files: {
      'index.mjs': `
        import * as d from '@aws-sdk/client-dynamodb'
        const client = new d.DynamoDBClient({ endpoint: process.env.SERVICE_URL, maxAttempts: 1 })
        export const handler = async () => {
          client.send(new d.ListTablesCommand({}))
          await new Promise(resolve => setTimeout(resolve, 2000))
        }`,
    },
    events: [{}],
    env: {
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      SERVICE_URL: service.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    },
  })
  await fn.answered(1, 1)
  t.match(fn.api.posts[0], { operation: 'error' })
})

t.test("subclasses of the user's, and what looks at the method", async t => {
  await using service = await startService()
  const result = await run(
    `class Mine extends d.DynamoDBClient {
      #count = 0
      send(...args) { this.#count++; return super.send(...args) }
      get count() { return this.#count }
    }
    class MyList extends d.ListTablesCommand { #own = 1; get own() { return this.#own } }
    const mine = new Mine({ endpoint: process.env.SERVICE_URL })
    const command = new MyList({ Limit: 3 })
    await mine.send(command)
    await mine.send(command)
    const { send } = Object.getPrototypeOf(d.DynamoDBClient.prototype)
    return [mine.count, command.own, command.input, send.name, send.length, Object.keys(Object.getPrototypeOf(d.DynamoDBClient.prototype))]`,
    service,
  )
  t.strictSame(result.answer, [2, 1, { Limit: 3 }, 'send', 3, []])
  t.equal(result.spans.filter(span => span.name === 'DynamoDB.ListTables').length, 2)
})

t.test('a call outside of any invocation has no span, and works', async t => {
  await using service = await startService()
  await using collector = await startCollector()
  await using fn = await startFunction({
    hasPackages: true,
    files: {
      'index.mjs': `
        import * as d from '@aws-sdk/client-dynamodb'
        const client = new d.DynamoDBClient({ endpoint: process.env.SERVICE_URL })
        const { TableNames } = await client.send(new d.ListTablesCommand({}))
        export const handler = async () => TableNames`,
    },
    events: [{}],
    env: {
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      SERVICE_URL: service.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    },
  })
  await fn.answered(1)
  t.equal(fn.api.posts[0]?.body, '[]')
  const spans = await collector.waitForSpans(1)
  t.strictSame(
    spans.map(span => span.name),
    ['fn'],
  )
})

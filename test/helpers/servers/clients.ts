// What else a function calls, served by the test's own process: gRPC and SMTP by the real servers of npm, and what
// Elasticsearch says over HTTP, which has no server that can be had.
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { serveLoopback } from '../../../local/http/loopback-server.ts'
import type { TestServer } from './processes.ts'

/** By the packages of the tests. */
const requireFrom = (folder: string): NodeJS.Require => createRequire(join(folder, 'index.js'))

export interface GrpcServer extends TestServer {
  /** Metadata of each call, in order. */
  readonly metadata: readonly Readonly<Record<string, unknown>>[]
}

interface Call {
  readonly request: { readonly n: number }
  readonly metadata: { getMap(): Record<string, unknown> }
  on(event: string, listener: (value: { readonly n: number }) => void): void
  write(value: unknown): void
  end(): void
  emit(event: string, error: unknown): void
}
type Answer = (error: unknown, value?: unknown) => void

const json = {
  requestSerialize: (value: unknown) => Buffer.from(JSON.stringify(value)),
  requestDeserialize: (bytes: Buffer) => JSON.parse(String(bytes)),
  responseSerialize: (value: unknown) => Buffer.from(JSON.stringify(value)),
  responseDeserialize: (bytes: Buffer) => JSON.parse(String(bytes)),
}
const method = (name: string, requestStream: boolean, responseStream: boolean): object => ({
  path: `/shop.Counter/${name}`,
  requestStream,
  responseStream,
  ...json,
})

/** `shop.Counter`: doubles, sums, counts and echoes numbers. A negative one is not found; 99 is never answered. */
export async function startGrpc(folder: string): Promise<GrpcServer> {
  const grpc = requireFrom(folder)('@grpc/grpc-js')
  const metadata: Record<string, unknown>[] = []
  const note = (call: Call): void => void metadata.push(call.metadata.getMap())
  const notFound = { code: 5, details: 'no such number' }
  const server = new grpc.Server()
  server.addService(
    {
      double: method('Double', false, false),
      sum: method('Sum', true, false),
      count: method('Count', false, true),
      echo: method('Echo', true, true),
    },
    {
      double(call: Call, answer: Answer) {
        note(call)
        if (call.request.n === 99) return
        answer(call.request.n < 0 ? notFound : null, { n: 2 * call.request.n })
      },
      sum(call: Call, answer: Answer) {
        note(call)
        let sum = 0
        call.on('data', ({ n }) => {
          sum += n
        })
        call.on('end', () => answer(null, { n: sum }))
      },
      count(call: Call) {
        note(call)
        if (call.request.n < 0) return call.emit('error', notFound)
        for (let n = 1; n <= call.request.n; n++) call.write({ n })
        call.end()
      },
      echo(call: Call) {
        note(call)
        call.on('data', value => call.write(value))
        call.on('end', () => call.end())
      },
    },
  )
  const port = await new Promise<number>((resolve, reject) => {
    const credentials = grpc.ServerCredentials.createInsecure()
    server.bindAsync('127.0.0.1:0', credentials, (error: Error | null, bound: number) =>
      error ? reject(error) : resolve(bound),
    )
  })
  return {
    port,
    metadata,
    async [Symbol.asyncDispose]() {
      server.forceShutdown()
    },
  }
}

/** Takes mails, but none for `nobody@`. */
export async function startSmtp(folder: string): Promise<TestServer> {
  const { SMTPServer } = requireFrom(folder)('smtp-server')
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    closeTimeout: 100,
    onRcptTo({ address }: { readonly address: string }, _session: unknown, answer: Answer) {
      answer(address.startsWith('nobody@') ? new Error('no such mailbox') : null)
    },
    onData(stream: NodeJS.ReadableStream, _session: unknown, answer: Answer) {
      stream.resume().on('end', () => answer(null))
    },
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    port: server.server.address().port,
    [Symbol.asyncDispose]: () => new Promise<void>(resolve => server.close(() => resolve())),
  }
}

export interface ElasticServer extends TestServer {
  readonly headers: readonly IncomingHttpHeaders[]
}

/** Speaks as Elasticsearch does. `/flaky/_search` fails every other time. */
export async function startElastic(): Promise<ElasticServer> {
  const headers: IncomingHttpHeaders[] = []
  let flaky = 0
  const answer = (request: IncomingMessage): readonly [number, object] => {
    const path = request.url?.split('?')[0] ?? ''
    if (path === '/flaky/_search' && flaky++ % 2 === 0) return [503, {}]
    if (path.startsWith('/missing')) {
      const error = { type: 'index_not_found_exception', reason: 'no such index [missing]' }
      return [404, { error, status: 404 }]
    }
    if (path.endsWith('/_search')) {
      return [200, { took: 1, timed_out: false, hits: { total: { value: 0 }, hits: [] } }]
    }
    if (path === '/_bulk') return [200, { took: 1, errors: false, items: [] }]
    return [200, { _index: 'orders', _id: '1', result: 'created' }]
  }
  const server = createServer(async (request, response) => {
    headers.push(request.headers)
    await text(request)
    const [status, body] = answer(request)
    const type = request.headers.accept?.includes('compatible-with=8')
      ? 'application/vnd.elasticsearch+json;compatible-with=8'
      : 'application/vnd.elasticsearch+json;compatible-with=9'
    response.writeHead(status, { 'x-elastic-product': 'Elasticsearch', 'content-type': type })
    response.end(JSON.stringify(body))
  })
  return { ...(await serveLoopback(server)), headers }
}

export interface HttpServer extends TestServer {
  /** Of each request, in order. */
  readonly headers: readonly IncomingHttpHeaders[]
}

/** What HTTP clients repeat, follow and give up: `/flaky` fails every other time, `/slow` never answers. */
export async function startHttp(): Promise<HttpServer> {
  const headers: IncomingHttpHeaders[] = []
  let flaky = 0
  const statusOf = (path: string | undefined): number => {
    if (path === '/redirect') return 302
    if (path === '/missing') return 404
    return path === '/down' || (path === '/flaky' && flaky++ % 2 === 0) ? 503 : 200
  }
  const server = createServer((request, response) => {
    headers.push(request.headers)
    if (request.url === '/slow') return
    response.writeHead(statusOf(request.url), { location: '/ok' }).end('ok')
  })
  return { ...(await serveLoopback(server)), headers }
}

// A scripted Runtime API on a real socket: serves the given events in order, records each POST, then leaves `next`
// pending. Faults are scripted by operation.
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** One event on `next`: its body and the headers that differ from the usual ones (`null` leaves one out). */
export interface ScriptedEvent {
  readonly body: string
  readonly headers?: Readonly<Record<string, string | null>>
  /** Instead of an event: an answer of this status, or a broken connection. */
  readonly fault?: Fault
}

export type Fault = { readonly status: number; readonly body?: string } | { readonly reset: true }

export interface RecordedPost {
  readonly path: string
  /** `response`, `error` or `init/error`. */
  readonly operation: string
  readonly requestId: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly body: string
  /** `performance.now()` when it was wholly read. */
  readonly atMs: number
}

export interface RuntimeApiOptions {
  readonly events?: readonly (ScriptedEvent | string | object)[]
  /** The answer to a POST that is not 202. */
  readonly faultOn?: (post: RecordedPost) => Fault | undefined
  /** Close the connection after each answer, as a server may. */
  readonly closesConnections?: boolean
}

export interface RuntimeApi extends AsyncDisposable {
  readonly address: string
  readonly posts: readonly RecordedPost[]
  /** Headers of each `next`. */
  readonly nexts: readonly { readonly headers: IncomingHttpHeaders; readonly atMs: number }[]
  /** Adds an event; a pending `next` gets it. */
  push(event: ScriptedEvent | string | object): void
  /** Resolves when `condition` holds; checked at each request. */
  until(condition: (api: RuntimeApi) => boolean): Promise<void>
}

export const TRACE_HEADER =
  'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1;Lineage=a87bd80c:1|68fd508a:5'
export const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:123456789012:function:fn'

export async function startRuntimeApi(options: RuntimeApiOptions = {}): Promise<RuntimeApi> {
  const queue: ScriptedEvent[] = (options.events ?? []).map(toScripted)
  const posts: RecordedPost[] = []
  const nexts: { headers: IncomingHttpHeaders; atMs: number }[] = []
  const waiting: ServerResponse[] = []
  const watchers = new Set<() => void>()
  const sockets = new Set<Socket>()
  let served = 0

  // The Runtime API takes a request line and headers of 1 MB.
  const server = createServer({ maxHeaderSize: 1024 * 1024 }, (request, response) => {
    if (options.closesConnections) response.setHeader('Connection', 'close')
    void readBody(request).then(body => {
      if (request.method === 'GET') {
        nexts.push({ headers: request.headers, atMs: performance.now() })
        waiting.push(response)
        handOut()
      } else takePost(request, response, body)
      for (const watcher of watchers) watcher()
    })
  })
  server.on('connection', socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })

  function handOut(): void {
    while (queue.length > 0 && waiting.length > 0) {
      const event = queue.shift()
      const response = waiting.shift()
      if (event === undefined || response === undefined) return
      if (event.fault !== undefined) fail(response, event.fault)
      else {
        response.writeHead(200, eventHeaders(event, served++))
        response.end(event.body)
      }
    }
  }

  function takePost(request: IncomingMessage, response: ServerResponse, body: string): void {
    const path = request.url ?? ''
    const match =
      /^\/2018-06-01\/runtime\/(?:invocation\/([^/]+)\/(response|error)|(init\/error))$/.exec(path)
    const post: RecordedPost = {
      path,
      operation: match?.[2] ?? match?.[3] ?? 'unknown',
      requestId: match?.[1] === undefined ? undefined : decodeURIComponent(match[1]),
      headers: request.headers,
      rawHeaders: request.rawHeaders,
      body,
      atMs: performance.now(),
    }
    posts.push(post)
    const fault = options.faultOn?.(post)
    if (fault !== undefined) fail(response, fault)
    else response.writeHead(202, { 'Content-Type': 'application/json' }).end('{"status":"OK"}\n')
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const api: RuntimeApi = {
    address: `127.0.0.1:${port}`,
    posts,
    nexts,
    push(event) {
      queue.push(toScripted(event))
      handOut()
    },
    until(condition) {
      return new Promise(resolve => {
        const check = (): void => {
          if (!condition(api)) return
          watchers.delete(check)
          resolve()
        }
        watchers.add(check)
        check()
      })
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
  return api
}

function toScripted(event: ScriptedEvent | string | object): ScriptedEvent {
  if (typeof event === 'string') return { body: event }
  if (
    'body' in event &&
    typeof event.body === 'string' &&
    ('headers' in event || Object.keys(event).length === 1)
  ) {
    return event as ScriptedEvent
  }
  if ('fault' in event) return event as ScriptedEvent
  return { body: JSON.stringify(event) }
}

function eventHeaders(event: ScriptedEvent, index: number): Record<string, string> {
  const headers: Record<string, string | null> = {
    'Content-Type': 'application/json',
    'Lambda-Runtime-Aws-Request-Id': `req-${index}`,
    'Lambda-Runtime-Deadline-Ms': String(Date.now() + 3000),
    'Lambda-Runtime-Invoked-Function-Arn': FUNCTION_ARN,
    'Lambda-Runtime-Trace-Id': TRACE_HEADER,
    ...event.headers,
  }
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== null),
  )
}

function fail(response: ServerResponse, fault: Fault): void {
  if ('reset' in fault) response.socket?.resetAndDestroy()
  else response.writeHead(fault.status).end(fault.body ?? `{"errorType":"Scripted${fault.status}"}`)
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

// A scripted Runtime API on a real socket: serves the given events in order, records each POST, then leaves `next`
// pending. Faults are scripted by operation.
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type ExtensionCall, type ExtensionFaultOf, ExtensionsApi } from './extensions-api.ts'

/** One event on `next`: its body and the headers that differ from the usual ones (`null` leaves one out). */
export interface ScriptedEvent {
  readonly body: string
  readonly headers?: Readonly<Record<string, string | null>>
  /** Instead of an event: an answer of this status, or a broken connection. */
  readonly fault?: Fault
}

export type Fault = { readonly status: number; readonly body?: string } | { readonly reset: true }

interface PostHead {
  readonly path: string
  /** `response`, `error` or `init/error`. */
  readonly operation: string
  readonly requestId: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
}

export interface RecordedPost extends PostHead {
  readonly body: string
  /** Names in lower case. */
  readonly trailers: Readonly<Record<string, string | undefined>>
  /** `performance.now()` when it was wholly read. */
  readonly atMs: number
}

/** A POST whose head has come, and what there is of its body by now. */
export interface ArrivingPost extends PostHead {
  readonly body: () => string
  readonly bytes: number
  /** `whole` after the last byte and the trailers, `broken` when the sender went away before. */
  readonly state: 'open' | 'whole' | 'broken'
}

export interface RuntimeApiOptions {
  readonly events?: readonly (ScriptedEvent | string | object)[]
  /** The answer to a POST that is not 202. */
  readonly faultOn?: (post: RecordedPost) => Fault | undefined
  /** Asked after the head of a POST and after each piece of its body: a fault comes before the body's end. */
  readonly faultWhile?: (post: ArrivingPost) => Fault | undefined
  /** Waited for before each piece of a POST's body is taken: a slow reader. */
  readonly beforeRead?: (post: ArrivingPost) => Promise<unknown> | undefined
  /** What the Extensions API does instead of what it should. */
  readonly extensionFault?: ExtensionFaultOf
  /** Close the connection after each answer, as a server may. */
  readonly closesConnections?: boolean
}

export interface RuntimeApi extends AsyncDisposable {
  readonly address: string
  readonly posts: readonly RecordedPost[]
  /** Every POST in the order of their heads, whole or not. */
  readonly arrivals: readonly ArrivingPost[]
  /** Calls to the Extensions API, in order. */
  readonly extensionCalls: readonly ExtensionCall[]
  /** Headers of each `next`. */
  readonly nexts: readonly { readonly headers: IncomingHttpHeaders; readonly atMs: number }[]
  /** Adds an event; a pending `next` gets it. */
  push(event: ScriptedEvent | string | object): void
  /** Resolves when `condition` holds; checked at each request and each piece of a body. */
  until(condition: (api: RuntimeApi) => boolean): Promise<void>
}

export const TRACE_HEADER =
  'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1;Lineage=a87bd80c:1|68fd508a:5'
export const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:123456789012:function:fn'

export async function startRuntimeApi(options: RuntimeApiOptions = {}): Promise<RuntimeApi> {
  const queue: ScriptedEvent[] = (options.events ?? []).map(toScripted)
  const posts: RecordedPost[] = []
  const arrivals: ArrivingPost[] = []
  const nexts: { headers: IncomingHttpHeaders; atMs: number }[] = []
  const extensions = new ExtensionsApi(options.extensionFault)
  const waiting: ServerResponse[] = []
  const watchers = new Set<() => void>()
  const sockets = new Set<Socket>()
  let served = 0

  // The Runtime API takes a request line and headers of 1 MB.
  const server = createServer({ maxHeaderSize: 1024 * 1024 }, (request, response) => {
    if (options.closesConnections) response.setHeader('Connection', 'close')
    const extensionCall = extensions.take(request, response, () => nexts.length)
    if (extensionCall !== undefined) void extensionCall.then(notify)
    else if (request.method === 'GET') {
      request.resume()
      nexts.push({ headers: request.headers, atMs: performance.now() })
      waiting.push(response)
      handOut()
      notify()
    } else void takePost(request, response)
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

  function notify(): void {
    for (const watcher of watchers) watcher()
  }

  async function takePost(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const arriving = new IncomingPost(request)
    arrivals.push(arriving)
    const isAnswered = await arriving.read(options.beforeRead, () => {
      const fault = options.faultWhile?.(arriving)
      if (fault !== undefined) fail(response, fault)
      notify()
      return fault !== undefined
    })
    if (arriving.state === 'whole') {
      const post = arriving.record()
      posts.push(post)
      const fault = options.faultOn?.(post)
      if (fault !== undefined && !isAnswered) fail(response, fault)
      else if (!isAnswered) {
        response.writeHead(202, { 'Content-Type': 'application/json' }).end('{"status":"OK"}\n')
      }
    }
    notify()
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const api: RuntimeApi = {
    address: `127.0.0.1:${port}`,
    posts,
    arrivals,
    extensionCalls: extensions.calls,
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

class IncomingPost implements ArrivingPost {
  readonly path: string
  readonly operation: string
  readonly requestId: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly #request: IncomingMessage
  readonly #chunks: Buffer[] = []
  bytes = 0
  state: ArrivingPost['state'] = 'open'

  constructor(request: IncomingMessage) {
    const path = request.url ?? ''
    const match =
      /^\/2018-06-01\/runtime\/(?:invocation\/([^/]+)\/(response|error)|(init\/error))$/.exec(path)
    this.path = path
    this.operation = match?.[2] ?? match?.[3] ?? 'unknown'
    this.requestId = match?.[1] === undefined ? undefined : decodeURIComponent(match[1])
    this.headers = request.headers
    this.rawHeaders = request.rawHeaders
    this.#request = request
  }

  body(): string {
    return Buffer.concat(this.#chunks).toString()
  }

  /** Reads to the end; `look` is called after the head and each piece, until it says that it has answered. */
  async read(beforeRead: RuntimeApiOptions['beforeRead'], look: () => boolean): Promise<boolean> {
    let isAnswered = look()
    try {
      for await (const chunk of this.#request) {
        await beforeRead?.(this)
        this.#chunks.push(chunk as Buffer)
        this.bytes += (chunk as Buffer).length
        isAnswered ||= look()
      }
      // What is answered early is read no further, without an error.
      this.state = this.#request.complete ? 'whole' : 'broken'
    } catch {
      this.state = 'broken'
    }
    return isAnswered
  }

  record(): RecordedPost {
    const { path, operation, requestId, headers, rawHeaders } = this
    return {
      path,
      operation,
      requestId,
      headers,
      rawHeaders,
      body: this.body(),
      trailers: this.#request.trailers,
      atMs: performance.now(),
    }
  }
}

// HTTP/1.1 over sockets of our own. node:http would be loaded, traced and patched with the function's code; against
// the Runtime API raw sockets are also 3-4 times faster. One exchange at a time on a connection; idle connections are
// kept, and never keep the process alive.
import net from 'node:net'
import type {
  Connection,
  HttpClient,
  HttpClientOptions,
  HttpRequest,
  HttpResponse,
} from '../contract.ts'
import { ConnectionError } from '../errors.ts'
import { ResponseParser } from './response-parser.ts'

// Held from before user code runs: what replaces net.connect later (nock, msw, agents) does not reach us.
const connectTcp = net.connect

interface Exchange {
  readonly parser: ResponseParser
  readonly resolve: (response: HttpResponse) => void
  readonly reject: (error: unknown) => void
  timer: NodeJS.Timeout | undefined
}

/** States of a connection: idle (may take a request), busy (`exchange` is set), closed. Each moves on by socket events. */
class HttpConnection {
  readonly #socket: Connection
  readonly #maxBodyBytes: number | undefined
  #exchange: Exchange | undefined
  #hasServed = false
  isClosed = false

  constructor(socket: Connection, maxBodyBytes: number | undefined) {
    this.#socket = socket
    this.#maxBodyBytes = maxBodyBytes
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.on('end', () => this.#receiveEnd())
    socket.on('error', (cause: Error) => this.#close(failure(cause, this.#isStale(this.#exchange))))
    socket.on('close', () =>
      this.#close(new ConnectionError('CONNECTION_CLOSED', 'connection closed')),
    )
  }

  get isIdle(): boolean {
    return this.#exchange === undefined && !this.isClosed
  }

  send(head: string, request: HttpRequest): Promise<HttpResponse> {
    this.#socket.ref()
    return new Promise((resolve, reject) => {
      const exchange: Exchange = {
        parser: new ResponseParser(this.#maxBodyBytes),
        resolve,
        reject,
        timer: undefined,
      }
      this.#exchange = exchange
      if (request.timeoutMs !== undefined) exchange.timer = this.#startTimer(request.timeoutMs)
      this.#write(head, request.body)
    })
  }

  close(): void {
    this.#close(new ConnectionError('CONNECTION_CLOSED', 'connection closed by us'))
  }

  #write(head: string, body: string | Uint8Array | undefined): void {
    if (body === undefined) this.#socket.write(head, 'latin1')
    else if (typeof body === 'string') this.#socket.write(head + body)
    else {
      this.#socket.cork()
      this.#socket.write(head, 'latin1')
      this.#socket.write(body)
      this.#socket.uncork()
    }
  }

  #startTimer(timeoutMs: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#close(
        new ConnectionError('CONNECTION_TIMEOUT', `no whole answer within ${timeoutMs} ms`),
      )
    }, timeoutMs)
  }

  #receive(chunk: Buffer): void {
    const exchange = this.#exchange
    if (exchange === undefined) {
      this.close()
      return
    }
    try {
      const response = exchange.parser.feed(chunk)
      if (response !== undefined) this.#finish(exchange, response)
    } catch (error) {
      this.#close(error)
    }
  }

  #receiveEnd(): void {
    const exchange = this.#exchange
    const response = exchange?.parser.end()
    if (exchange !== undefined && response !== undefined) this.#finish(exchange, response)
    this.#close(
      new ConnectionError(
        'CONNECTION_CLOSED',
        'connection closed by the other side',
        this.#isStale(exchange),
      ),
    )
  }

  #finish(exchange: Exchange, response: HttpResponse): void {
    this.#exchange = undefined
    this.#hasServed = true
    clearTimeout(exchange.timer)
    if (exchange.parser.keepsAlive) this.#socket.unref()
    else this.close()
    exchange.resolve(response)
  }

  #isStale(exchange: Exchange | undefined): boolean {
    return this.#hasServed && exchange?.parser.hasStarted === false
  }

  #close(error: unknown): void {
    if (this.isClosed) return
    this.isClosed = true
    const exchange = this.#exchange
    this.#exchange = undefined
    clearTimeout(exchange?.timer)
    this.#socket.destroy()
    if (error instanceof ConnectionError) error.statusCode = exchange?.parser.statusCode
    exchange?.reject(error)
  }
}

/** A client of one server. A GET whose kept connection turns out to be dead is asked again once, on a new one. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const connections = new Set<HttpConnection>()
  const authority = options.host.includes(':') ? `[${options.host}]` : options.host
  const host = `Host: ${authority}:${options.port}\r\n`

  function open(): HttpConnection {
    const socket =
      options.connect?.() ?? connectTcp({ host: options.host, port: options.port, noDelay: true })
    const connection = new HttpConnection(socket, options.maxBodyBytes)
    connections.add(connection)
    return connection
  }

  function pick(): HttpConnection {
    for (const connection of connections) {
      if (connection.isClosed) connections.delete(connection)
      else if (connection.isIdle) return connection
    }
    return open()
  }

  async function request(request: HttpRequest): Promise<HttpResponse> {
    const head = formatHead(request, host)
    try {
      return await pick().send(head, request)
    } catch (error) {
      const mayRepeat =
        request.method === 'GET' && error instanceof ConnectionError && error.maybeStale
      if (!mayRepeat) throw error
      return open().send(head, request)
    }
  }

  function close(): void {
    for (const connection of connections) connection.close()
    connections.clear()
  }

  return { request, close }
}

function formatHead(request: HttpRequest, host: string): string {
  let head = `${request.method} ${request.path} HTTP/1.1\r\n${host}`
  for (const name in request.headers) {
    const value = request.headers[name] ?? ''
    if (!isHeaderSafe(name) || !isHeaderSafe(value)) {
      throw new TypeError(
        `header ${JSON.stringify(name)}: expected visible ASCII, got other characters`,
      )
    }
    head += `${name}: ${value}\r\n`
  }
  if (request.body !== undefined) head += `Content-Length: ${Buffer.byteLength(request.body)}\r\n`
  return `${head}\r\n`
}

function isHeaderSafe(text: string): boolean {
  return !/[^\t\x20-\x7e]/.test(text)
}

function failure(cause: Error, isStale: boolean): ConnectionError {
  const { code } = cause as NodeJS.ErrnoException
  return code === 'ECONNRESET' || code === 'EPIPE'
    ? new ConnectionError('CONNECTION_CLOSED', cause.message, isStale, cause)
    : new ConnectionError('CONNECTION_FAILED', cause.message, false, cause)
}

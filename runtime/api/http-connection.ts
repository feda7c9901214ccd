// One connection to a server: one exchange at a time, HTTP/1.1 over a socket of our own.
import type { Connection, HttpClientOptions, HttpRequest, HttpResponse } from '../contract.ts'
import { ConnectionError } from '../errors.ts'
import { type ChunkedBody, createChunkedBody } from './chunked-body.ts'
import { ResponseParser } from './response-parser.ts'

/** A request whose body is still being written. */
export interface StreamingRequest extends ChunkedBody {
  /**
   * The answer, which may come before the body's end: nothing that is written after it is sent. Rejects with
   * ConnectionError when there is no whole answer.
   */
  readonly response: Promise<HttpResponse>
  /** Breaks the connection: the server sees that the body is not whole. Nothing happens after the answer. */
  abort(): void
}

interface Exchange {
  readonly parser: ResponseParser
  readonly resolve: (response: HttpResponse) => void
  readonly reject: (error: unknown) => void
  timer: NodeJS.Timeout | undefined
  /** Whether the request has left whole: else the connection cannot serve again. */
  isSent: boolean
}

type ConnectionOptions = Pick<HttpClientOptions, 'maxBodyBytes' | 'isBackground'>

/** States of a connection: idle (may take a request), busy (`exchange` is set), closed. Each moves on by socket events. */
export class HttpConnection {
  readonly #socket: Connection
  readonly #options: ConnectionOptions
  #exchange: Exchange | undefined
  #hasServed = false
  isClosed = false

  constructor(socket: Connection, options: ConnectionOptions) {
    this.#socket = socket
    this.#options = options
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

  /** Sends a whole request. The wait for its answer keeps the process alive. */
  send(head: string, request: HttpRequest): Promise<HttpResponse> {
    this.#socket.ref()
    const { exchange, response } = this.#begin(true)
    if (request.timeoutMs !== undefined) exchange.timer = this.#startTimer(request.timeoutMs)
    this.#write(head, request.body)
    return response
  }

  /**
   * Takes the connection for a request whose body is yet to come. Until that has ended, only bytes that the system has
   * no room for keep the process alive: a body that nobody will ever end is not to hold it.
   */
  stream(head: string): StreamingRequest {
    const socket = this.#socket
    socket.unref()
    const { exchange, response } = this.#begin(false)
    const isOpen = (): boolean => this.#exchange === exchange
    const body = createChunkedBody({
      socket,
      head,
      isOpen,
      onEnd: () => {
        if (!isOpen()) return
        exchange.isSent = true
        socket.ref()
      },
    })
    return { ...body, response, abort: () => isOpen() && this.close() }
  }

  close(): void {
    this.#close(new ConnectionError('CONNECTION_CLOSED', 'connection closed by us'))
  }

  #begin(isSent: boolean): { exchange: Exchange; response: Promise<HttpResponse> } {
    const { promise: response, resolve, reject } = Promise.withResolvers<HttpResponse>()
    const parser = new ResponseParser(this.#options.maxBodyBytes)
    const exchange: Exchange = { parser, resolve, reject, timer: undefined, isSent }
    this.#exchange = exchange
    return { exchange, response }
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
    const timer = setTimeout(() => {
      this.#close(
        new ConnectionError('CONNECTION_TIMEOUT', `no whole answer within ${timeoutMs} ms`),
      )
    }, timeoutMs)
    return this.#options.isBackground ? timer.unref() : timer
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
    if (exchange.parser.keepsAlive && exchange.isSent) this.#socket.unref()
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

function failure(cause: Error, isStale: boolean): ConnectionError {
  const { code } = cause as NodeJS.ErrnoException
  return code === 'ECONNRESET' || code === 'EPIPE'
    ? new ConnectionError('CONNECTION_CLOSED', cause.message, isStale, cause)
    : new ConnectionError('CONNECTION_FAILED', cause.message, false, cause)
}

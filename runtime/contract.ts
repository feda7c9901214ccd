// The types at the seam between the runtime and whatever observes it. This file imports nothing:
// runtime/ and instrumentation/ both see it, and neither sees the other.

/** One event handed over by the Runtime API, with everything the API said about it. */
export interface Invocation {
  /** `Lambda-Runtime-Aws-Request-Id`. */
  readonly requestId: string
  /** When the platform gives up on the invocation, epoch milliseconds; 0 when the API did not say. */
  readonly deadlineMs: number
  /** `Lambda-Runtime-Invoked-Function-Arn`, with the alias or version the caller named; `''` when absent. */
  readonly functionArn: string
  /** `Lambda-Runtime-Trace-Id` byte for byte (X-Ray's format, `Lineage` included). */
  readonly traceHeader: string | undefined
  /** Parsed client context as the caller sent it; W3C context on direct Invoke travels in here. */
  readonly clientContext: unknown
  /** Parsed Cognito identity. */
  readonly identity: unknown
  /** `Lambda-Runtime-Aws-Tenant-Id`. */
  readonly tenantId: string | undefined
  /** The parsed event; `undefined` when it was not JSON (the invocation then fails unrun). */
  readonly event: unknown
  /** Length of the event as JSON; absent where it is not known. */
  readonly eventBytes?: number
  /** The first 8 KB of the event's text, for events longer than 32 KB. */
  readonly eventHead?: string | undefined
  /** True for the first invocation that this process serves. */
  readonly isColdStart: boolean
}

/** How an answer was streamed. Times count from the call of the handler, by a clock that no one sets. */
export interface StreamFacts {
  /** Milliseconds until the first byte left; absent when none did. */
  readonly firstByteMs?: number
  /** Milliseconds until the last byte left; absent when the body was never ended. */
  readonly endMs?: number
  /** Of the body, without the prelude of an HTTP response. */
  readonly bytes: number
  /** Status, headers and cookies of an HTTP response as they were sent, parsed. */
  readonly prelude?: unknown
}

/** How an invocation went, as told to the caller; `stream` is there when it was told by a stream, and not by a result. */
export type InvocationOutcome = { readonly stream?: StreamFacts } & (
  | { readonly status: 'ok'; readonly result: unknown }
  | { readonly status: 'error'; readonly errorType: string; readonly error: unknown }
)

/** Adds to what the function answers. It leaves the function's own object as it is, and never throws. */
export type Complete = (given: unknown) => unknown

/** One invocation as its observer sees it: opened before the handler, ended after the answer was posted. */
export interface InvocationObservation {
  /** Runs the handler inside whatever context the observer keeps for this invocation. */
  run<T>(handler: () => T): T
  /** What is posted in place of the handler's result, asked for just before; absent where it is the result itself. */
  readonly completeResult?: Complete | undefined
  /** The same for the prelude of an HTTP response stream. */
  readonly completePrelude?: Complete | undefined
  /** Called once, after the answer was posted. */
  end(outcome: InvocationOutcome): void
}

/**
 * Someone who watches invocations (the tracer). It never throws and never rejects: the runtime calls it without
 * a guard of its own.
 */
export interface InvocationObserver {
  open(invocation: Invocation): InvocationObservation
  /**
   * The time between an answer and the request for the next event. Lambda may freeze the process as soon as that
   * request is made, so what must leave the process leaves here; `undefined` when there is nothing to wait for. After
   * the last answer no event is asked for: the process ends.
   */
  beforeNext(deadlineMs: number, isLast: boolean): Promise<void> | undefined
  /**
   * The process is about to be ended, whatever is under way: the last chance for what must leave it. After the budget
   * nobody waits any longer.
   */
  shutdown(reason: ShutdownReason, budgetMs: number): Promise<void>
  /** The process is ending now, with this code; nothing but what is done at once is done. */
  exited(code: number): void
}

/** Why the process ends. */
export interface ShutdownReason {
  readonly kind: 'sigterm'
  /** The time of all that is under way is over: that is why the platform ends the process. */
  readonly isPastDeadline: boolean
}

/** Names a span in a log line: 32 and 16 lower-case hex digits. */
export interface TraceIds {
  readonly traceId: string
  readonly spanId: string
}

/** What a call made now should carry; read by `awslambda.InvokeStore`, and through it by AWS SDK v3. */
export interface TraceContextSource {
  /** The active span. */
  ids(): TraceIds | undefined
  /** Within a call by a library that the tracer follows: what is asked for now is sent. */
  isSending(): boolean
  traceparent(): string | undefined
  tracestate(): string | undefined
  baggage(): string | undefined
  /** X-Ray's header for a call made now, given the one the invocation came with. */
  xrayTraceId(incoming: string | undefined): string | undefined
}

/** One HTTP/1.1 request over a private connection. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT'
  /** Path and query, already encoded. */
  readonly path: string
  /** Sent as given, besides `Host` and `Content-Length`, which the client adds. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Whole exchange, milliseconds; absent means for ever (the wait for the next event has no limit). */
  readonly timeoutMs?: number
  /** Takes no kept connection: for what must not meet a dead one again. */
  readonly onNewConnection?: boolean
}

export interface HttpResponse {
  readonly statusCode: number
  /** Names in lower case; of a repeated header the values are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/**
 * Our own way out, for the Runtime API and for collectors over plain HTTP: raw sockets that user code can neither
 * patch nor see, so that they are never traced. Rejects when there is no whole response.
 */
export interface HttpClient {
  request(request: HttpRequest): Promise<HttpResponse>
  close(): void
}

/** A byte stream to a server: what is used of a socket, plain or TLS, that need not keep the process alive. */
export interface Connection {
  on(event: 'data', listener: (chunk: Buffer) => void): unknown
  on(event: 'end' | 'close', listener: () => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  write(data: string | Uint8Array, encoding?: BufferEncoding, done?: WriteDone): unknown
  write(data: Uint8Array, done?: WriteDone): unknown
  cork(): void
  uncork(): void
  /** Bytes that the system has not taken yet. */
  readonly writableLength: number
  ref(): unknown
  unref(): unknown
  destroy(): unknown
}

/** Told when the system took what was written, or why it did not. */
export type WriteDone = (error?: Error | null) => void

export interface HttpClientOptions {
  readonly host: string
  readonly port: number
  /** Answers with a larger body are refused; absent means no limit. */
  readonly maxBodyBytes?: number
  /** Waiting for an answer does not keep the process alive. */
  readonly isBackground?: boolean
  /** What `Host` says; absent means host and port. */
  readonly authority?: string
  /** A connection that was idle for longer does not serve again; absent means that age does not matter. */
  readonly maxIdleMs?: number
  /** Opens the connection in another way than TCP, such as TLS. */
  readonly connect?: () => Connection
}

export type OpenHttpClient = (options: HttpClientOptions) => HttpClient

/** Where our own warnings go: one line each, in the format of the function's log. */
export interface Log {
  warn(message: string): void
}

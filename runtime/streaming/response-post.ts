// The POST behind a response stream. It is opened by the first byte or the end, so that the content type can be chosen
// until then and nothing is held while the handler thinks.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Piece } from '../api/chunk-buffer.ts'
import type { StreamingRequest } from '../api/http-connection.ts'
import type { StreamFacts, WriteDone } from '../contract.ts'
import { InvalidStreamingOperationError, ResponsePostError } from '../errors.ts'
import type { Trailers } from './error-trailers.ts'
import { PRELUDE_CONTENT_TYPE } from './http-response-stream.ts'
import { PreludeReader } from './prelude-reader.ts'
import type { ResponseSink } from './response-stream.ts'

const DESTROYED = 'The response stream was destroyed before its end.'
const DEFAULT_CONTENT_TYPE = 'application/octet-stream'

/**
 * States: unopened -> open (the head has left) -> ended (the last byte has) -> accepted or refused. An answer of the
 * platform may come while it is open: then it is refused, whatever the status.
 */
export class ResponsePost implements ResponseSink {
  /** Resolves when the platform took the whole answer; rejects with ResponsePostError when it did not. */
  readonly accepted: Promise<void>
  /** Resolves when the last byte was handed over; rejects when it never will be. */
  readonly sent: Promise<void>
  readonly #open: (contentType: string) => StreamingRequest
  readonly #accepted = Promise.withResolvers<void>()
  readonly #sent = Promise.withResolvers<void>()
  /** Callbacks of the socket come from outside of the invocation; the user's code that they wake belongs to it. */
  readonly #inContext = AsyncLocalStorage.snapshot()
  readonly #startedAtMs = nowMs()
  #contentType = DEFAULT_CONTENT_TYPE
  #request: StreamingRequest | undefined
  #prelude: PreludeReader | undefined
  #trailers: Trailers | undefined
  #bytes = 0
  #firstByteMs: number | undefined
  #endMs: number | undefined
  #lateError: Error | undefined

  constructor(open: (contentType: string) => StreamingRequest) {
    this.#open = open
    this.accepted = this.#accepted.promise
    this.sent = this.#sent.promise
    // Whether anyone waits for it depends on what else happens.
    for (const promise of [this.accepted, this.sent]) promise.catch(() => {})
  }

  get facts(): StreamFacts {
    return {
      ...(this.#firstByteMs !== undefined && { firstByteMs: this.#firstByteMs }),
      ...(this.#endMs !== undefined && { endMs: this.#endMs }),
      bytes: this.#bytes - (this.#prelude?.length ?? 0),
      ...(this.#prelude?.prelude !== undefined && { prelude: this.#prelude.prelude }),
    }
  }

  /** What destroyed the stream after its end: something was written to it, as a rule. */
  get lateError(): Error | undefined {
    return this.#lateError
  }

  /** Sent with the end. */
  setTrailers(trailers: Trailers): void {
    this.#trailers = trailers
  }

  setContentType(contentType: string): void {
    if (typeof contentType !== 'string' || !/^[\t\x20-\x7e]+$/.test(contentType)) {
      throw new TypeError(`content type: expected visible ASCII, got ${String(contentType)}`)
    }
    this.#contentType = contentType
  }

  write(pieces: readonly Piece[], done: WriteDone): void {
    const request = this.#opened()
    this.#bytes += request.write(pieces, this.#bound(done))
    if (this.#bytes > 0) this.#firstByteMs ??= nowMs() - this.#startedAtMs
    for (const piece of pieces) this.#prelude?.read(piece)
  }

  end(done: WriteDone): void {
    if (this.#endMs !== undefined) return
    const request = this.#opened()
    this.#endMs = nowMs() - this.#startedAtMs
    const finish: WriteDone = error => {
      if (error) this.#sent.reject(error)
      else this.#sent.resolve()
      done(error)
    }
    request.end(this.#trailers, this.#bound(finish))
  }

  abandon(error: Error | null): void {
    if (this.#endMs !== undefined) this.#lateError = error ?? undefined
    else this.#sent.reject(error ?? new InvalidStreamingOperationError(DESTROYED))
  }

  #opened(): StreamingRequest {
    if (this.#request !== undefined) return this.#request
    if (this.#contentType === PRELUDE_CONTENT_TYPE) this.#prelude = new PreludeReader()
    const request = this.#open(this.#contentType)
    this.#request = request
    request.response.then(
      () => {
        if (this.#endMs !== undefined) this.#accepted.resolve()
        else this.#refuse(new InvalidStreamingOperationError('Response stream is not finished.'))
      },
      error => this.#refuse(error),
    )
    return request
  }

  #bound(done: WriteDone): WriteDone {
    return error => this.#inContext(done, error)
  }

  #refuse(cause: unknown): void {
    const failure = new ResponsePostError(cause)
    this.#accepted.reject(failure)
    this.#sent.reject(failure)
  }
}

/** `performance` would load a module for it. */
function nowMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}

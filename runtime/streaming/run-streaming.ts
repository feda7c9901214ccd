// One invocation of a streaming handler: over when the handler has settled, the stream has ended and the platform has
// taken the answer. Whatever fails before the end is reported by trailers behind the body so far.
import { AsyncLocalStorage } from 'node:async_hooks'
import { Writable } from 'node:stream'
import type { RuntimeApiClient } from '../api/client.ts'
import type { Complete, InvocationOutcome } from '../contract.ts'
import {
  MalformedStreamingHandlerError,
  NodeJsExitError,
  type ResponsePostError,
  RuntimeApiError,
} from '../errors.ts'
import type { Handler } from '../handler/load.ts'
import type { Answer } from '../invocation/answer.ts'
import type { RunningInvocation } from '../invocation/in-flight.ts'
import { failed, succeeded } from '../invocation/outcome.ts'
import { logFailure } from '../logs/failure-log.ts'
import type { Logger } from '../logs/logger.ts'
import { describeErrorInTrailers } from './error-trailers.ts'
import type { StreamingMode } from './handler-mode.ts'
import { ResponsePost } from './response-post.ts'
import { ResponseStream } from './response-stream.ts'

/** The platform has cut the stream off and told the caller: it goes on to the next event. */
const PAYLOAD_TOO_LARGE = 413
/** The longest that a timer can wait. */
const FOR_EVER_MS = 2 ** 31 - 1

export interface StreamingOptions {
  readonly api: RuntimeApiClient
  readonly logger: Logger
  readonly handler: Handler
  readonly mode: StreamingMode
  readonly running: RunningInvocation
  /** The handler's third argument. */
  readonly context: object
  /** Runs the handler as part of its invocation, under whatever observes it. */
  readonly enter: (work: () => void) => void
  /** Adds to the prelude of an HTTP response; absent where nothing does. */
  readonly completePrelude?: Complete | undefined
}

/** Runs the handler and answers by its stream; never rejects. */
export async function runStreaming(options: StreamingOptions): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>()
  options.enter(() => {
    const invocation = new StreamedInvocation(options)
    invocation.start()
    resolve(invocation.finish())
  })
  return promise
}

/** States: running (the handler has not settled) -> returned (the stream may still be open) -> settled, by whoever is first. */
class StreamedInvocation {
  readonly #options: StreamingOptions
  readonly #post: ResponsePost
  readonly #stream: ResponseStream
  readonly #inContext = AsyncLocalStorage.snapshot()
  #hasReturned = false
  #postFailure: ResponsePostError | undefined
  #hold: NodeJS.Timeout | undefined

  constructor(options: StreamingOptions) {
    const { api, running, mode, completePrelude } = options
    const { requestId } = running.invocation
    this.#options = options
    this.#post = new ResponsePost(contentType => api.streamResponse(requestId, contentType))
    this.#stream = new ResponseStream(this.#post, mode.highWaterMark)
    if (completePrelude !== undefined) this.#stream._completePrelude = completePrelude
    this.#post.accepted.catch((failure: ResponsePostError) => this.#lose(failure))
    running.atEmptyLoop = () => this.#inContext(() => this.#atEmptyLoop())
  }

  start(): void {
    const { running } = this.#options
    this.#run().then(
      () => running.settle(succeeded(undefined)),
      error => running.settle(failed(error)),
    )
  }

  async finish(): Promise<Answer> {
    const outcome = await this.#options.running.outcome
    if (outcome.status === 'error') this.#fail(outcome.error)
    const failure = await this.#post.accepted.then(
      () => undefined,
      (error: ResponsePostError) => error,
    )
    clearInterval(this.#hold)
    const { facts: stream } = this.#post
    if (failure === undefined) return { outcome: { ...outcome, stream }, mayContinue: true }
    this.#options.logger.write('ERROR', [failure.message])
    return { outcome: { ...failed(failure), stream }, mayContinue: isTooLarge(failure) }
  }

  async #run(): Promise<void> {
    const { handler, running, context, logger } = this.#options
    const returned: unknown = Reflect.apply(handler, undefined, [
      running.invocation.event,
      this.#stream,
      context,
    ])
    if (!isThenable(returned)) {
      throw new MalformedStreamingHandlerError('Streaming does not support non-async handlers.')
    }
    const result = await returned
    this.#hasReturned = true
    if (result !== undefined) logger.write('WARN', ['Streaming handlers ignore return values.'])
    await this.#post.sent
    if (this.#post.lateError !== undefined) throw this.#post.lateError
  }

  /** Ends the body where it stands. Where it has ended already, the caller has it whole and the error is only logged. */
  #fail(error: unknown): void {
    if (error === this.#postFailure) return
    const { logger, running } = this.#options
    logFailure(logger, running.failureTitle, error)
    if (this.#stream.writableEnded) return
    this.#post.setTrailers(describeErrorInTrailers(error))
    if (this.#stream.destroyed) this.#post.end(() => {})
    // Not by the stream's own method, which the user may have replaced and which sends the prelude of a success.
    else Reflect.apply(Writable.prototype.end, this.#stream, [])
  }

  /** The platform did not take it: what is written from now on would go nowhere. */
  #lose(failure: ResponsePostError): void {
    this.#postFailure = failure
    this.#stream.destroy(failure)
    // Too large is no end: the next event comes when the handler is done with this one.
    if (!isTooLarge(failure)) this.#options.running.settle(failed(failure))
  }

  /**
   * Nothing is left that could settle the handler: a failure. Nothing is left that could end the stream: it is not
   * ours to end, and on AWS such an invocation lasts until its timeout.
   */
  #atEmptyLoop(): InvocationOutcome | undefined {
    if (!this.#hasReturned) return failed(new NodeJsExitError())
    if (this.#hold === undefined) {
      this.#hold = setInterval(() => {}, FOR_EVER_MS)
      this.#options.logger.write('WARN', [
        'The streaming handler has returned without ending its response stream, and nothing is left to end it: the invocation lasts until its timeout.',
      ])
    }
    return undefined
  }
}

function isThenable(value: unknown): boolean {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}

function isTooLarge({ cause }: ResponsePostError): boolean {
  return cause instanceof RuntimeApiError && cause.statusCode === PAYLOAD_TOO_LARGE
}

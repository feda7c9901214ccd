// What Lambda keeps about one process of a runtime: its state, the event it has, and what it may call next. No I/O:
// events go in and out as values, so every refusal of the Runtime API can be tested as a sequence of calls.
import {
  type Outcome,
  platformError,
  type ResponseOutcome,
  responseTooLargeError,
} from './answer.ts'
import { ExtensionsSession, type FunctionFacts } from './extensions-session.ts'
import type { Invocation } from './invocation.ts'
import {
  ACCEPTED,
  INVALID_REQUEST_ID,
  INVALID_RESPONSE_MODE,
  type Reply,
  refuseMove,
  TOO_LARGE,
  TRUNCATED,
} from './reply.ts'
import { isLegalMove, type RuntimeState } from './states.ts'
import { RESPONSE_LIMIT_BYTES } from './wire.ts'

/** An event as `next` gives it out. */
export interface HandedEvent {
  readonly invocation: Invocation
  readonly deadlineMs: number
}

/** What a runtime posted as its answer. */
export interface PostedAnswer {
  readonly bytes: Buffer
  readonly sizeBytes: number
  readonly isTruncated: boolean
  readonly contentType: string | undefined
  /** `Lambda-Runtime-Function-Error-Type` of an error. */
  readonly errorType: string | undefined
  readonly mode: string | undefined
  readonly streamError: ResponseOutcome['streamError']
}

export interface SessionListener {
  /** Runtime and extensions wait for an event: init, or the invocation before, is over. */
  ready(): void
  handedOver(event: HandedEvent): void
  answered(outcome: Outcome): void
  initFailed(outcome: Outcome): void
}

type Deliver = (event: HandedEvent) => void

export class RuntimeSession {
  readonly extensions: ExtensionsSession
  readonly #listener: SessionListener
  readonly #deadlineOf: () => number
  readonly #waiting = new Set<Deliver>()
  #state: RuntimeState = 'Started'
  /** Offered and not yet asked for. */
  #offered: Invocation | undefined
  /** Asked for; kept after the answer, since a second answer to it is refused by state and not as unknown. */
  #handed: HandedEvent | undefined

  /** `deadlineOf` gives the deadline of an event that is handed over now. */
  constructor(listener: SessionListener, facts: FunctionFacts, deadlineOf: () => number) {
    this.#listener = listener
    this.#deadlineOf = deadlineOf
    this.extensions = new ExtensionsSession(facts, () => this.#proceed())
  }

  get state(): RuntimeState {
    return this.#state
  }

  /** Gives the runtime an event: at once when it waits, and its extensions do, else as soon as they all will. */
  offer(invocation: Invocation): void {
    this.#offered = invocation
    if (this.#isReady) this.#handOver()
  }

  /** `GET next`. The event comes through `deliver`, now or later; a refusal is returned. */
  next(deliver: Deliver): Reply | undefined {
    if (this.#state === 'Running' && this.#handed !== undefined) {
      deliver(this.#handed)
      return undefined
    }
    if (!isLegalMove(this.#state, 'Ready')) return refuseMove(this.#state, 'Ready')
    this.#state = 'Ready'
    this.#handed = undefined
    this.#waiting.add(deliver)
    this.extensions.closeRegistration()
    this.#proceed()
    return undefined
  }

  /** The connection of a waiting `next` closed. */
  forget(deliver: Deliver): void {
    this.#waiting.delete(deliver)
  }

  /** The head of `POST response` or `POST error` came. A refusal is returned, and the body is then of no interest. */
  beginAnswer(call: 'response' | 'error', requestId: string, mode?: string): Reply | undefined {
    if (requestId !== this.#handed?.invocation.requestId) return INVALID_REQUEST_ID
    const to = call === 'response' ? 'InvocationResponse' : 'InvocationErrorResponse'
    if (!isLegalMove(this.#state, to)) return refuseMove(this.#state, to)
    this.#state = to
    if (call === 'error' || mode === undefined || mode === 'streaming') return undefined
    // Lambda leaves the runtime in this state: every further call is refused, and only exit helps.
    this.#listener.answered(platformError('Runtime.InvalidResponseModeHeader', ''))
    return INVALID_RESPONSE_MODE
  }

  /** The body of an answer that `beginAnswer` let in is there. */
  endAnswer(call: 'response' | 'error', posted: PostedAnswer): Reply {
    if (posted.isTruncated) return TRUNCATED
    this.#state = 'RuntimeResponseSentState'
    if (call === 'error') {
      this.#listener.answered(errorOutcome(posted, 'invocation'))
      return ACCEPTED
    }
    const isStreamed = posted.mode === 'streaming'
    if (!isStreamed && posted.sizeBytes > RESPONSE_LIMIT_BYTES) {
      this.#listener.answered(responseTooLargeError(posted.sizeBytes))
      return TOO_LARGE
    }
    this.#listener.answered(responseOutcome(posted, isStreamed))
    return ACCEPTED
  }

  /** `POST init/error`, allowed before the first `next` only. */
  failInit(posted: PostedAnswer): Reply {
    if (!isLegalMove(this.#state, 'InitError')) return refuseMove(this.#state, 'InitError')
    this.#state = 'InitError'
    this.#listener.initFailed(errorOutcome(posted, 'init'))
    return ACCEPTED
  }

  get #isReady(): boolean {
    return this.#state === 'Ready' && this.extensions.areReady
  }

  /** Somebody waits now: if all do, the next event's turn has come. */
  #proceed(): void {
    if (!this.#isReady) return
    this.#listener.ready()
    if (this.#offered !== undefined) this.#handOver()
  }

  #handOver(): void {
    const invocation = this.#offered
    if (invocation === undefined) return
    const event = { invocation, deadlineMs: this.#deadlineOf() }
    this.#offered = undefined
    this.#handed = event
    this.#state = 'Running'
    this.#listener.handedOver(event)
    this.extensions.handOver(event)
    // Two calls of `next` at once both get the event, as in Lambda: that is how a broken loop runs it twice.
    for (const deliver of this.#waiting) deliver(event)
    this.#waiting.clear()
  }
}

function responseOutcome(posted: PostedAnswer, isStreamed: boolean): Outcome {
  const { bytes, contentType, streamError } = posted
  const body = bytes.toString('utf8')
  const outcome = { kind: 'response', body, bytes, contentType, isStreamed } as const
  return streamError === undefined ? outcome : { ...outcome, streamError }
}

/** The caller sees the posted body; its `errorType` is what an alarm matches, the header only Lambda's own metric. */
function errorOutcome(posted: PostedAnswer, origin: 'invocation' | 'init'): Outcome {
  const body = posted.bytes.toString('utf8')
  const errorType = readErrorType(body) ?? posted.errorType ?? 'Unhandled'
  return { kind: 'error', errorType, body, origin }
}

function readErrorType(body: string): string | undefined {
  try {
    const { errorType } = JSON.parse(body) as { errorType?: unknown }
    return typeof errorType === 'string' ? errorType : undefined
  } catch {
    return undefined
  }
}

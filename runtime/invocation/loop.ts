// The loop: ask for an event, run the handler on it, answer, let the observer finish, ask again. One invocation at a
// time; the order of these steps is what the caller and the bill feel.
import type { RuntimeApiClient } from '../api/client.ts'
import type {
  HttpResponse,
  InvocationObservation,
  InvocationObserver,
  InvocationOutcome,
} from '../contract.ts'
import { InvalidInvocationError } from '../errors.ts'
import type { Logger } from '../logs/logger.ts'
import { type Answer, postAnswer } from './answer.ts'
import { createStreamingContext } from './context.ts'
import { type InFlight, RunningInvocation } from './in-flight.ts'
import { type ReceivedInvocation, readInvocation } from './invocation.ts'
import { failed } from './outcome.ts'
import { type RunOptions, runHandler } from './run-handler.ts'

export interface LoopOptions {
  readonly api: RuntimeApiClient
  readonly run: RunOptions
  readonly logger: Logger
  readonly inFlight: InFlight
  readonly observer: InvocationObserver | undefined
  /** Called with the trace header of each invocation before its handler runs. */
  readonly publishTraceHeader: (header: string | undefined) => void
  /** True once the process is to end: no further event is asked for. */
  readonly isEnding: () => boolean
  readonly mode: LoopMode
}

/** What differs between one invocation at a time and many side by side. */
export interface LoopMode {
  /** Asks for the next event. */
  readonly next: () => Promise<HttpResponse>
  /** The sandbox may freeze once the next event is asked for, so what the observer still has to do is waited for. */
  readonly mayFreeze: boolean
  /** An answer that was not taken is that invocation's loss alone; else the process ends, so that nothing runs twice. */
  readonly outlivesLostAnswers: boolean
}

/** One invocation at a time: `AWS_LAMBDA_MAX_CONCURRENCY` is not defined. */
export function oneAtATime(api: RuntimeApiClient): LoopMode {
  return { next: () => api.next(), mayFreeze: true, outlivesLostAnswers: false }
}

/** Serves until the process is to end. Rejects when it cannot go on: the Runtime API failed or took no answer. */
export async function serve(options: LoopOptions): Promise<void> {
  let lastRequestId: string | undefined
  while (!options.isEnding()) {
    const received = readInvocation(await options.mode.next(), !options.inFlight.hasServed)
    const { requestId } = received.invocation
    if (requestId === lastRequestId) {
      throw new InvalidInvocationError(
        `next: expected a new event, got ${requestId} again, already answered`,
      )
    }
    lastRequestId = requestId
    await serveOne(options, received)
  }
}

async function serveOne(options: LoopOptions, received: ReceivedInvocation): Promise<void> {
  const { inFlight, observer, mode } = options
  const { invocation, fault } = received
  const running = new RunningInvocation(invocation)
  inFlight.add(running)
  options.publishTraceHeader(invocation.traceHeader)
  const observation = observer?.open(invocation)
  const enter = (work: () => void): void =>
    inFlight.run(running, () => (observation === undefined ? work() : observation.run(work)))
  const answer = await answerEvent(options, { running, fault, enter, observation })
  observation?.end(answer.outcome)
  const isLast = options.isEnding() || !(answer.mayContinue || mode.outlivesLostAnswers)
  const observed = observer?.beforeNext(invocation.deadlineMs, isLast)
  if (mode.mayFreeze || isLast) await observed
  inFlight.remove(running)
  running.markAnswered()
  if (!answer.mayContinue && !mode.outlivesLostAnswers) {
    throw new InvalidInvocationError(`the Runtime API took no answer for ${invocation.requestId}`)
  }
}

interface EnteredInvocation {
  readonly running: RunningInvocation
  /** Why it fails unrun. */
  readonly fault: unknown
  /** Runs the handler as part of its invocation, under whatever observes it. */
  readonly enter: (work: () => void) => void
  readonly observation: InvocationObservation | undefined
}

async function answerEvent(options: LoopOptions, entered: EnteredInvocation): Promise<Answer> {
  const { api, logger, run } = options
  const { running, fault, enter, observation } = entered
  if (fault !== undefined) running.settle(failed(fault))
  else if (run.streaming !== undefined) {
    const { handler, streaming } = run
    const context = createStreamingContext(running, run.context)
    const { mode } = streaming
    const completePrelude = observation?.completePrelude
    const { runStreaming } = streaming
    return runStreaming({ api, logger, handler, mode, running, context, enter, completePrelude })
  } else enter(() => runHandler(run, running))
  const outcome = completed(await running.outcome, observation)
  return postAnswer(api, logger, running, outcome)
}

function completed(
  outcome: InvocationOutcome,
  observation: InvocationObservation | undefined,
): InvocationOutcome {
  const complete = observation?.completeResult
  if (complete === undefined || outcome.status !== 'ok') return outcome
  return { ...outcome, result: complete(outcome.result) }
}

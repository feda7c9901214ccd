// The loop: ask for an event, run the handler on it, answer, let the observer finish, ask again. One invocation at a
// time; the order of these steps is what the caller and the bill feel.
import type { RuntimeApiClient } from '../api/client.ts'
import type { InvocationObserver } from '../contract.ts'
import { InvalidInvocationError } from '../errors.ts'
import type { Logger } from '../logs/logger.ts'
import { postAnswer } from './answer.ts'
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
}

/** Serves until the process is to end. Rejects when it cannot go on: the Runtime API failed or took no answer. */
export async function serve(options: LoopOptions): Promise<void> {
  let lastRequestId: string | undefined
  for (let isColdStart = true; !options.isEnding(); isColdStart = false) {
    const received = readInvocation(await options.api.next(), isColdStart)
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
  const { api, logger, inFlight, observer } = options
  const { invocation, fault } = received
  const running = new RunningInvocation(invocation)
  inFlight.add(running)
  options.publishTraceHeader(invocation.traceHeader)
  const observation = observer?.open(invocation)
  if (fault !== undefined) running.settle(failed(fault))
  else {
    const run = () => runHandler(options.run, running)
    inFlight.run(running, () => (observation === undefined ? run() : observation.run(run)))
  }
  const answer = await postAnswer(api, logger, running, await running.outcome)
  observation?.end(answer.outcome)
  await observer?.beforeNext(invocation.deadlineMs)
  inFlight.remove(running)
  running.markAnswered()
  if (!answer.mayContinue) {
    throw new InvalidInvocationError(`the Runtime API took no answer for ${invocation.requestId}`)
  }
}

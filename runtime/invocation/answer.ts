// Posts what an invocation came to. A post that fails must never lead to a second run of the same event: the Runtime
// API hands an unanswered event out again, so anything but "too large" gets one small attempt more and then an end.
import type { RuntimeApiClient } from '../api/client.ts'
import type { InvocationOutcome } from '../contract.ts'
import { ResponsePostError, RuntimeApiError } from '../errors.ts'
import { reportInvocationError } from '../failure/error-report.ts'
import { logFailure } from '../logs/failure-log.ts'
import type { Logger } from '../logs/logger.ts'
import type { RunningInvocation } from './in-flight.ts'
import { failed } from './outcome.ts'
import { writeResult } from './result.ts'

/** The platform has answered the caller itself: with Function.ResponseSizeTooLarge. */
const PAYLOAD_TOO_LARGE = 413

export interface Answer {
  /** How the invocation ended for its caller. */
  readonly outcome: InvocationOutcome
  /** False when the Runtime API took nothing: the process must not ask for another event. */
  readonly mayContinue: boolean
}

/** Answers the caller; never rejects. */
export async function postAnswer(
  api: RuntimeApiClient,
  logger: Logger,
  running: RunningInvocation,
  outcome: InvocationOutcome,
): Promise<Answer> {
  const { requestId } = running.invocation
  if (outcome.status === 'ok') {
    let json: string
    try {
      json = writeResult(outcome.result)
    } catch (error) {
      return postAnswer(api, logger, running, failed(error))
    }
    return attempt(api, logger, running, outcome, () => api.respond(requestId, json))
  }
  logFailure(logger, running.failureTitle, outcome.error)
  const report = reportInvocationError(outcome.error)
  return attempt(api, logger, running, outcome, () => api.fail(requestId, report))
}

async function attempt(
  api: RuntimeApiClient,
  logger: Logger,
  running: RunningInvocation,
  outcome: InvocationOutcome,
  post: () => Promise<void>,
): Promise<Answer> {
  try {
    await post()
    return { outcome, mayContinue: true }
  } catch (error) {
    const failure = new ResponsePostError(error)
    logger.write('ERROR', [failure.message])
    if (error instanceof RuntimeApiError && error.statusCode === PAYLOAD_TOO_LARGE) {
      return { outcome: failed(failure), mayContinue: true }
    }
    return { outcome: failed(failure), mayContinue: await postMinimalError(api, running, failure) }
  }
}

async function postMinimalError(
  api: RuntimeApiClient,
  running: RunningInvocation,
  failure: ResponsePostError,
): Promise<boolean> {
  const body = JSON.stringify({ errorType: failure.name, errorMessage: failure.message, trace: [] })
  const headers = { 'Lambda-Runtime-Function-Error-Type': failure.name }
  try {
    await api.fail(running.invocation.requestId, { errorType: failure.name, body, headers })
    return true
  } catch {
    return false
  }
}

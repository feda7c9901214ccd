// The older way to answer: a callback, or context.done, succeed and fail. The first call counts, later ones are silent.
// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html#nodejs-handler-callback
import type { RunningInvocation } from './in-flight.ts'
import { failed, succeeded } from './outcome.ts'

/** The handler's third argument, Node's convention: an error first. */
export type Callback = (error?: unknown, result?: unknown) => void

/** What a handler may call instead of returning a promise. */
export interface Completion {
  readonly callback: Callback
  /** Answers at once. */
  readonly succeed: (result?: unknown) => void
  /** Fails at once. */
  readonly fail: (error?: unknown) => void
  /** As the callback, but at once. */
  readonly done: Callback
  /** Whether the callback's answer waits until nothing is left to do: true unless the user says otherwise. */
  waitsForEmptyEventLoop: boolean
}

/** What AWS's runtime says of a failure without a reason. */
const NO_REASON = 'handled'

/** `waitsForEmptyEventLoop` cannot be where other invocations keep the loop busy. */
export function createCompletion(
  running: RunningInvocation,
  waitsForEmptyEventLoop: boolean,
): Completion {
  let isCalled = false
  const first = (act: () => void): void => {
    if (isCalled) return
    isCalled = true
    act()
  }
  const succeed = (result: unknown): void => void running.settle(succeeded(result))
  const fail = (error: unknown): void => void running.settle(failed(error ?? NO_REASON))
  const completion: Completion = {
    waitsForEmptyEventLoop,
    succeed: result => first(() => succeed(result)),
    fail: error => first(() => fail(error)),
    done: (error, result) => first(() => (isNothing(error) ? succeed(result) : fail(error))),
    callback: (error, result) =>
      first(() => {
        if (!isNothing(error)) fail(error)
        else if (!completion.waitsForEmptyEventLoop) succeed(result)
        else running.atEmptyLoop = () => succeeded(result)
      }),
  }
  return completion
}

function isNothing(error: unknown): boolean {
  return error === undefined || error === null
}

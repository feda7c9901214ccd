// Calls the user's handler and turns whatever it does into one outcome.
import type { InvocationOutcome } from '../contract.ts'
import { describeError } from '../failure/describe-error.ts'
import type { Handler } from '../handler/load.ts'
import type { HandlerContext } from './context.ts'
import type { RunningInvocation } from './in-flight.ts'

/** Starts the handler; what it returns or throws, now or later, settles the invocation. Never throws. */
export async function runHandler(
  handler: Handler,
  running: RunningInvocation,
  context: HandlerContext,
): Promise<void> {
  try {
    // With `this` undefined, and through Reflect: the user's function may have replaced its own `call`.
    const result: unknown = await Reflect.apply(handler, undefined, [
      running.invocation.event,
      context,
    ])
    running.settle({ status: 'ok', result })
  } catch (error) {
    running.settle(failed(error))
  }
}

export function failed(error: unknown): InvocationOutcome {
  return { status: 'error', errorType: describeError(error).errorType, error }
}

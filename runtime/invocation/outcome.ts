// How an invocation ended, for those who end it.
import type { InvocationOutcome } from '../contract.ts'
import { describeError } from '../failure/describe-error.ts'

export function succeeded(result: unknown): InvocationOutcome {
  return { status: 'ok', result }
}

export function failed(error: unknown): InvocationOutcome {
  return { status: 'error', errorType: describeError(error).errorType, error }
}

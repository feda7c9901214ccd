// The runtime's own error lines, in AWS's words: `Invoke Error`, `Init Error`, `Uncaught Exception`,
// `Unhandled Promise Rejection`. Users' log filters match on them.
import { describeError, isErrorLike } from '../failure/describe-error.ts'
import type { Logger } from './logger.ts'

export type FailureTitle =
  | 'Invoke Error'
  | 'Init Error'
  | 'Uncaught Exception'
  | 'Unhandled Promise Rejection'

/** Writes what was thrown: JSON logs get it as the message; text gets a title and one line of JSON. */
export function logFailure(logger: Logger, title: FailureTitle, thrown: unknown): void {
  const error = isErrorLike(thrown) ? thrown : new Error(toText(thrown))
  if (logger.format === 'json') logger.write('ERROR', [error])
  // The blank before the tab is AWS's.
  else logger.write('ERROR', [`${title} \t${formatError(error)}`])
}

function formatError(error: Error): string {
  try {
    const { errorType, errorMessage, trace } = describeError(error)
    const code = (error as { code?: unknown }).code
    return JSON.stringify(
      { errorType, errorMessage, ...(code !== undefined && { code }), ...error, stack: trace },
      (_key, value: unknown) => (value !== error && isErrorLike(value) ? nested(value) : value),
    )
  } catch {
    // A cyclic property, or one that throws.
    return JSON.stringify(describeError(error))
  }
}

function nested(error: Error): Record<string, unknown> {
  const { errorType, errorMessage, trace } = describeError(error)
  return { errorType, errorMessage, ...error, stack: trace }
}

function toText(value: unknown): string {
  return describeError(value).errorMessage
}

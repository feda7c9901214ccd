// What the Runtime API is told of a failure: a JSON body for the caller and headers for the platform.
import { describeError, type ErrorDescription, isErrorLike } from './describe-error.ts'
import { describeXRayCause } from './xray-cause.ts'

/** A failure, ready to be posted. */
export interface ErrorReport {
  readonly errorType: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/** RAPID refuses bodies above 6 MiB and 100 B. */
const MAX_BODY_BYTES = 6 * 1024 * 1024
/** Kept of a message that makes the body too large: even all in six-byte escapes it fits. */
const MAX_LONG_MESSAGE_CHARACTERS = 1_000_000
const MAX_TYPE_CHARACTERS = 256
const ERROR_TYPE = 'Lambda-Runtime-Function-Error-Type'

/** The report of an invocation that failed. */
export function reportInvocationError(thrown: unknown): ErrorReport {
  const description = describeError(thrown)
  const headers: Record<string, string> = {
    [ERROR_TYPE]: invocationErrorType(description.errorType),
  }
  if (thrown !== undefined && thrown !== null) {
    headers['Lambda-Runtime-Function-XRay-Error-Cause'] = describeXRayCause(
      isErrorLike(thrown) ? description : undefined,
    )
  }
  return { errorType: description.errorType, body: writeBody(description), headers }
}

/** The report of a function that could not be loaded. */
export function reportInitError(thrown: unknown): ErrorReport {
  const description = describeError(thrown)
  const headers = { [ERROR_TYPE]: toHeaderValue(description.errorType, 'Error') }
  return { errorType: description.errorType, body: writeBody(description), headers }
}

function writeBody(description: ErrorDescription): string {
  const body = JSON.stringify(description)
  if (body.length * 3 <= MAX_BODY_BYTES || Buffer.byteLength(body) <= MAX_BODY_BYTES) return body
  return JSON.stringify({
    errorType: description.errorType.slice(0, MAX_TYPE_CHARACTERS),
    errorMessage: description.errorMessage.slice(0, MAX_LONG_MESSAGE_CHARACTERS),
    trace: [],
  })
}

/** The platform knows types of these two families only, and calls everything else `Runtime.Unknown`. */
function invocationErrorType(errorType: string): string {
  return /(Runtime|Function)\.[A-Z][a-zA-Z]+/.test(errorType)
    ? toHeaderValue(errorType, 'Function.Unhandled')
    : 'Function.Unhandled'
}

function toHeaderValue(text: string, fallback: string): string {
  return text.length <= MAX_TYPE_CHARACTERS && /^[\x21-\x7e]+$/.test(text) ? text : fallback
}

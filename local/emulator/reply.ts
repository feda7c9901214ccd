// What the Runtime API answers to a runtime: status and body as Lambda words them (spec/runtime.md section 15).
import type { RuntimeState } from './states.ts'
import { RESPONSE_LIMIT_BYTES } from './wire.ts'

export interface Reply {
  readonly statusCode: number
  readonly contentType: string
  readonly body: string
  /** Besides those that every reply has. */
  readonly headers?: Readonly<Record<string, string>>
}

/** An error in Lambda's form. */
export function refuse(statusCode: number, errorType: string, errorMessage: string): Reply {
  const body = `${JSON.stringify({ errorMessage, errorType })}\n`
  return { statusCode, contentType: 'application/json', body }
}

export const ACCEPTED: Reply = {
  statusCode: 202,
  contentType: 'application/json',
  body: '{"status":"OK"}\n',
}

export const PONG: Reply = { statusCode: 200, contentType: 'text/plain', body: 'pong' }

export const NOT_FOUND: Reply = {
  statusCode: 404,
  contentType: 'text/plain',
  body: '404 page not found\n',
}

export const INVALID_REQUEST_ID: Reply = refuse(400, 'InvalidRequestID', 'Invalid request ID')

export const INVALID_RESPONSE_MODE: Reply = refuse(
  400,
  'InvalidFunctionResponseMode',
  'Invalid function response mode',
)

export const TRUNCATED: Reply = refuse(
  400,
  'TruncatedHTTPRequest',
  'HTTP request detected as truncated',
)

export const TOO_LARGE: Reply = refuse(
  413,
  'RequestEntityTooLarge',
  `Exceeded maximum allowed payload size (${RESPONSE_LIMIT_BYTES} bytes).`,
)

/** The refusal of a call that the runtime's state does not allow. */
export function refuseMove(from: RuntimeState, to: RuntimeState): Reply {
  const message = `State transition from ${from} to ${to} failed for runtime. Error: State transition is not allowed`
  return refuse(403, 'InvalidStateTransition', message)
}

// The words and numbers of the Runtime API and the Extensions API, in one place.

const API_VERSION = '2018-06-01'
const EXTENSIONS_API_VERSION = '2020-01-01'

/** Headers of an event, as the answer to `next` carries them. */
export const EVENT_HEADERS = {
  requestId: 'Lambda-Runtime-Aws-Request-Id',
  deadlineMs: 'Lambda-Runtime-Deadline-Ms',
  functionArn: 'Lambda-Runtime-Invoked-Function-Arn',
  traceId: 'Lambda-Runtime-Trace-Id',
  clientContext: 'Lambda-Runtime-Client-Context',
  identity: 'Lambda-Runtime-Cognito-Identity',
  tenantId: 'Lambda-Runtime-Aws-Tenant-Id',
} as const

/** Headers and trailers of an answer, in lower case as Node gives them. */
export const ANSWER_HEADERS = {
  mode: 'lambda-runtime-function-response-mode',
  errorType: 'lambda-runtime-function-error-type',
  errorBody: 'lambda-runtime-function-error-body',
} as const

export const EXTENSION_HEADERS = {
  name: 'lambda-extension-name',
  identifier: 'lambda-extension-identifier',
  eventIdentifier: 'lambda-extension-event-identifier',
  errorType: 'lambda-extension-function-error-type',
} as const

/** 6 MiB and 100 bytes: the largest buffered response that is taken. */
export const RESPONSE_LIMIT_BYTES = 6_291_556

/** Lambda's limit for a streamed response. */
export const STREAM_LIMIT_BYTES: number = 200 * 1024 * 1024

/** Request line and headers; above it the answer is 431. */
export const HEADER_LIMIT_BYTES: number = 1024 * 1024

/** Lambda's time for a function to load, whatever its own timeout is. */
export const INIT_TIMEOUT_MS = 10_000

/** Between SIGTERM and SIGKILL where an internal extension is registered; with none the process is killed at once. */
export const SHUTDOWN_WINDOW_MS = 500

export type RuntimeCall =
  | { readonly name: 'next' | 'initError' | 'ping' }
  | { readonly name: 'register' | 'eventNext' | 'extensionInitError' | 'extensionExitError' }
  | { readonly name: 'response' | 'error'; readonly requestId: string }

const FIXED_CALLS: Readonly<Record<string, RuntimeCall>> = {
  [`GET /${API_VERSION}/runtime/invocation/next`]: { name: 'next' },
  [`POST /${API_VERSION}/runtime/init/error`]: { name: 'initError' },
  [`GET /${API_VERSION}/ping`]: { name: 'ping' },
  [`POST /${EXTENSIONS_API_VERSION}/extension/register`]: { name: 'register' },
  [`GET /${EXTENSIONS_API_VERSION}/extension/event/next`]: { name: 'eventNext' },
  [`POST /${EXTENSIONS_API_VERSION}/extension/init/error`]: { name: 'extensionInitError' },
  [`POST /${EXTENSIONS_API_VERSION}/extension/exit/error`]: { name: 'extensionExitError' },
}

const ANSWER_PATH = new RegExp(`^POST /${API_VERSION}/runtime/invocation/([^/]+)/(response|error)$`)

/** Which call a request is; `undefined` when neither API has such a call. */
export function matchCall(method: string, path: string): RuntimeCall | undefined {
  const line = `${method} ${path}`
  const fixed = Object.hasOwn(FIXED_CALLS, line) ? FIXED_CALLS[line] : undefined
  if (fixed !== undefined) return fixed
  const [, requestId, name] = ANSWER_PATH.exec(line) ?? []
  if (requestId === undefined) return undefined
  return { name: name === 'error' ? 'error' : 'response', requestId }
}

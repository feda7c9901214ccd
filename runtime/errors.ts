// Every error the runtime itself raises. `name` is what Lambda and users' alarms see as `errorType`: the names of
// AWS's own runtime clients, so that existing alarms keep working. `code` is ours, stable, one for each class.

interface Identity {
  readonly name: `Runtime.${string}`
  readonly code: string
}

/** An error of the runtime's own: `name` is the Lambda `errorType`, `code` a stable identifier to match on. */
export abstract class RuntimeError extends Error {
  declare readonly code: string

  constructor(identity: Identity, message: string, options?: ErrorOptions) {
    super(message, options)
    // Not enumerable: AWS's log lines list an error's own enumerable properties.
    Object.defineProperty(this, 'name', {
      value: identity.name,
      configurable: true,
      writable: true,
    })
    Object.defineProperty(this, 'code', { value: identity.code })
    // Once more, so that the first line of the stack carries the name.
    Error.captureStackTrace(this, new.target)
  }
}

/** The environment that Lambda (or the user) gave the process cannot be used. */
export class ConfigError extends RuntimeError {
  /** One sentence for each option at fault: what was expected, what came. */
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super({ name: 'Runtime.PlatformError', code: 'CONFIG_INVALID' }, faults.join('; '))
    this.faults = faults
  }
}

/** The Runtime API handed over an event without what is needed to answer it. */
export class InvalidInvocationError extends RuntimeError {
  constructor(message: string) {
    super({ name: 'Runtime.PlatformError', code: 'INVOCATION_INVALID' }, message)
  }
}

/** The Runtime API refused a call. AWS's clients let such failures end the process without a name. */
export class RuntimeApiError extends RuntimeError {
  readonly operation: string
  readonly statusCode: number

  constructor(operation: string, statusCode: number, body: string) {
    super(
      { name: 'Runtime.ApiError', code: 'RUNTIME_API_STATUS' },
      `${operation}: expected a 2xx from the Runtime API, got ${statusCode} ${body.slice(0, 500)}`,
    )
    this.operation = operation
    this.statusCode = statusCode
  }
}

type ConnectionErrorCode =
  | 'CONNECTION_FAILED'
  | 'CONNECTION_CLOSED'
  | 'CONNECTION_TIMEOUT'
  | 'HTTP_MALFORMED'

/** There was no whole answer: no connection, a reset, a time limit passed, or bytes that are not HTTP/1.1. */
export class ConnectionError extends RuntimeError {
  /** True when nothing of an answer had come, on a connection that had served before: it may just have been stale. */
  readonly maybeStale: boolean
  /** Status of the answer, where that much of it came. */
  statusCode: number | undefined

  constructor(code: ConnectionErrorCode, message: string, maybeStale = false, cause?: unknown) {
    super({ name: 'Runtime.ApiError', code }, message, cause === undefined ? undefined : { cause })
    this.maybeStale = maybeStale
  }
}

/** `_HANDLER` is not of the form `path/module.export`. */
export class MalformedHandlerNameError extends RuntimeError {
  constructor(message: string) {
    super({ name: 'Runtime.MalformedHandlerName', code: 'HANDLER_NAME_MALFORMED' }, message)
  }
}

/** The module, or one that it requires, was not found. */
export class ImportModuleError extends RuntimeError {
  constructor(cause: unknown) {
    super({ name: 'Runtime.ImportModuleError', code: 'HANDLER_MODULE_NOT_FOUND' }, String(cause), {
      cause,
    })
  }
}

/** The module has no such export, or the export is not a function. */
export class HandlerNotFoundError extends RuntimeError {
  constructor(message: string) {
    super({ name: 'Runtime.HandlerNotFound', code: 'HANDLER_NOT_FOUND' }, message)
  }
}

/** The function's code does not parse. The stack is the original one: it names the file and the line. */
export class UserCodeSyntaxError extends RuntimeError {
  constructor(cause: Error) {
    super({ name: 'Runtime.UserCodeSyntaxError', code: 'HANDLER_SYNTAX' }, String(cause), { cause })
    if (cause.stack !== undefined) this.stack = cause.stack
  }
}

/** The handler declares a callback, and the profile in force is one of AWS's that has none. */
export class CallbackHandlerDeprecatedError extends RuntimeError {
  constructor(isNode22: boolean) {
    const reason = isNode22
      ? 'AWS Lambda does not support callback-based function handlers when using Node.js 22 with Managed Instances. To use Managed Instances, modify this function to use a supported handler signature.'
      : 'AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later.'
    super(
      { name: 'Runtime.CallbackHandlerDeprecated', code: 'HANDLER_CALLBACK_REFUSED' },
      `ERROR: ${reason} For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.`,
    )
  }
}

/** The handler's result cannot be written as JSON. */
export class JsonStringifyError extends RuntimeError {
  constructor(cause?: unknown) {
    super(
      { name: 'Runtime.JSONStringifyError', code: 'RESULT_NOT_JSON' },
      'Unable to stringify response body',
      { cause },
    )
  }
}

/** The handler is marked for streaming, but is none that can stream. */
export class MalformedStreamingHandlerError extends RuntimeError {
  constructor(message: string) {
    super(
      { name: 'Runtime.MalformedStreamingHandler', code: 'STREAMING_HANDLER_MALFORMED' },
      message,
    )
  }
}

/** The response stream was asked for something that it cannot do any more. */
export class InvalidStreamingOperationError extends RuntimeError {
  constructor(message: string) {
    super(
      { name: 'Runtime.InvalidStreamingOperation', code: 'STREAMING_OPERATION_INVALID' },
      message,
    )
  }
}

/** A promise was rejected and nobody was listening; the process ends after reporting it, as on AWS. */
export class UnhandledPromiseRejectionError extends RuntimeError {
  readonly reason: unknown
  readonly promise: unknown

  constructor(reason: unknown, promise: unknown) {
    super(
      { name: 'Runtime.UnhandledPromiseRejection', code: 'REJECTION_UNHANDLED' },
      describe(reason),
    )
    this.reason = reason
    this.promise = promise
  }
}

/** The event loop ran empty while the handler's promise (or the module's top-level await) was still pending. */
export class NodeJsExitError extends RuntimeError {
  constructor() {
    super(
      { name: 'Runtime.NodeJsExit', code: 'EVENT_LOOP_EMPTY' },
      'The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes',
    )
  }
}

/** Sent in place of an answer that the Runtime API did not take. */
export class ResponsePostError extends RuntimeError {
  constructor(cause: unknown) {
    super(
      { name: 'Runtime.ResponsePostFailed', code: 'RESPONSE_POST_FAILED' },
      `the Runtime API did not take the answer: ${describe(cause)}`,
      { cause },
    )
  }
}

/** Anything can be a reason, also what has no text: an object without a prototype, a revoked proxy. */
function describe(value: unknown): string {
  try {
    return String(value)
  } catch {
    return typeof value
  }
}

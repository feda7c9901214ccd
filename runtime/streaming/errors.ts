// What the runtime itself has to say against a streaming handler, under the names of AWS's runtimes.
import { RuntimeError } from '../errors.ts'

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

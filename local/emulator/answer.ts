// What the caller of a function gets: the function's own answer, or the error that Lambda writes in its name.
import { RESPONSE_LIMIT_BYTES } from './wire.ts'

/** An answer before the emulator adds whose it is and how long it took. */
export type Outcome = ResponseOutcome | ErrorOutcome

export interface ResponseOutcome {
  readonly kind: 'response'
  /** The body as text; of a binary stream read `bytes` instead. */
  readonly body: string
  readonly bytes: Buffer
  readonly contentType: string | undefined
  readonly isStreamed: boolean
  /** The trailers of a stream that failed on its way; what came before it is in `bytes`. */
  readonly streamError?: { readonly errorType: string; readonly body: string }
}

export interface ErrorOutcome {
  readonly kind: 'error'
  readonly errorType: string
  /** As the caller sees it: JSON with `errorType` and `errorMessage`. */
  readonly body: string
  /** Who wrote it: the runtime for an invocation, the runtime for its init, or Lambda. */
  readonly origin: 'invocation' | 'init' | 'platform'
}

export type Answer = Outcome & {
  readonly requestId: string
  /** From the event's hand-over to the answer; 0 when the event was never handed over. */
  readonly durationMs: number
}

/** How a process ended; all three are undefined for none. */
export interface RuntimeExit {
  readonly exitCode: number | undefined
  readonly signal: string | undefined
  /** The bootstrap could not be started at all. */
  readonly spawnError: Error | undefined
}

/** An error in Lambda's own words. */
export function platformError(errorType: string, errorMessage: string): ErrorOutcome {
  const body = JSON.stringify({ errorType, errorMessage })
  return { kind: 'error', errorType, body, origin: 'platform' }
}

/** The words of Lambda's log line and of the error: `Task timed out after 3.00 seconds`. */
export function describeTimeout(timeoutMs: number): string {
  return `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`
}

export function timeoutError(requestId: string, timeoutMs: number): ErrorOutcome {
  return platformError(
    'Sandbox.Timedout',
    `RequestId: ${requestId} Error: ${describeTimeout(timeoutMs)}`,
  )
}

// Go's names, which Lambda's messages show. Node says SIGKILL where Lambda says "killed".
const SIGNAL_NAMES: Readonly<Record<string, string>> = {
  SIGABRT: 'aborted',
  SIGBUS: 'bus error',
  SIGILL: 'illegal instruction',
  SIGINT: 'interrupt',
  SIGKILL: 'killed',
  SIGSEGV: 'segmentation fault',
  SIGTERM: 'terminated',
}

/** `exit status 1`, `signal: killed`; `undefined` when it ended with 0, of which Lambda gives no reason. */
function describeExit(exit: RuntimeExit): string | undefined {
  if (exit.signal !== undefined) return `signal: ${SIGNAL_NAMES[exit.signal] ?? exit.signal}`
  return exit.exitCode === 0 ? undefined : `exit status ${exit.exitCode}`
}

/** What Lambda says when the process ended before it answered. */
export function exitError(requestId: string, exit: RuntimeExit, bootstrap: string): ErrorOutcome {
  const prefix = `RequestId: ${requestId} Error: `
  if (exit.spawnError !== undefined) {
    const reason = `Couldn't find valid bootstrap(s): [${bootstrap}] (${exit.spawnError.message})`
    return platformError('Runtime.InvalidEntrypoint', prefix + reason)
  }
  const reason = describeExit(exit)
  return platformError(
    'Runtime.ExitError',
    reason === undefined
      ? `${prefix}Runtime exited without providing a reason`
      : `${prefix}Runtime exited with error: ${reason}`,
  )
}

export function responseTooLargeError(sizeBytes: number): ErrorOutcome {
  return platformError(
    'Function.ResponseSizeTooLarge',
    `Response payload size (${sizeBytes} bytes) exceeded maximum allowed payload size (${RESPONSE_LIMIT_BYTES} bytes).`,
  )
}

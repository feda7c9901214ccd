// What ends the process from within: exceptions and rejections that nobody caught, and an event loop run empty. The
// caller is told before the process goes, on every Node version; codes 128 and 129 are those of AWS's runtimes.
import type { RuntimeApiClient } from '../api/client.ts'
import { NodeJsExitError, UnhandledPromiseRejectionError } from '../errors.ts'
import { type ErrorReport, reportInitError } from '../failure/error-report.ts'
import type { InFlight, RunningInvocation } from '../invocation/in-flight.ts'
import { failed } from '../invocation/outcome.ts'
import { type FailureTitle, logFailure } from '../logs/failure-log.ts'
import type { Logger } from '../logs/logger.ts'

const EXIT_REJECTION = 128
const EXIT_EXCEPTION = 129
/** Node's own code for a top-level await that never settled. */
const EXIT_UNSETTLED = 13

/** The event loop is empty: AWS's runtimes keep their listener under this name, and monitoring agents wrap it. */
const BEFORE_EXIT = Symbol.for('aws.lambda.beforeExit')

export interface CrashOptions {
  readonly process: NodeJS.Process
  readonly api: RuntimeApiClient
  readonly logger: Logger
  readonly inFlight: InFlight
  /** With many invocations under way only the one at fault fails; the others are answered before the process ends. */
  readonly isSideBySide: boolean
  /** Tells the platform that the function cannot be loaded. */
  readonly postInitError: (report: ErrorReport) => Promise<void>
}

export interface CrashGuard {
  /** True from the first fatal event on. */
  isEnding(): boolean
  /** Ends the process for a function that could not be loaded. */
  failInit(error: unknown, exitCode: number, title: FailureTitle): Promise<void>
}

/** Watches the process. A listener of the user's own takes an event over, except an event loop run empty. */
export function guardProcess(options: CrashOptions): CrashGuard {
  const { process, api, logger, inFlight, isSideBySide } = options
  let isEnding = false

  const isTakenOver = (event: 'uncaughtException' | 'unhandledRejection'): boolean =>
    process.listenerCount(event) > 1

  async function failInit(error: unknown, exitCode: number, title: FailureTitle): Promise<void> {
    if (isEnding) return
    isEnding = true
    logFailure(logger, title, error)
    await options.postInitError(reportInitError(error)).catch(() => {
      // Refused, or nobody there: the log line above is all that can be left behind.
    })
    process.exit(exitCode)
  }

  async function end(error: unknown, exitCode: number, title: FailureTitle): Promise<void> {
    if (inFlight.all().length === 0 && !api.hasServed) return failInit(error, exitCode, title)
    if (isEnding && !isSideBySide) return
    isEnding = true
    let isReported = false
    for (const invocation of atFault()) {
      invocation.failureTitle = title
      isReported = invocation.settle(failed(error)) || isReported
    }
    // An answer already on its way is the caller's answer; what came too late for it is only logged.
    if (!isReported) logFailure(logger, title, error)
    await allAnswered()
    process.exit(exitCode)
  }

  function atFault(): readonly RunningInvocation[] {
    if (!isSideBySide) return inFlight.all()
    const current = inFlight.current()
    return current === undefined ? [] : [current]
  }

  /** Requests for events that are still pending may bring more: those are answered too. */
  async function allAnswered(): Promise<void> {
    for (let running = inFlight.all(); running.length > 0; running = inFlight.all()) {
      await Promise.all(running.map(invocation => invocation.answered))
    }
  }

  process.on('uncaughtException', error => {
    if (!isTakenOver('uncaughtException')) void end(error, EXIT_EXCEPTION, 'Uncaught Exception')
  })
  process.on('unhandledRejection', (reason, promise) => {
    if (isTakenOver('unhandledRejection')) return
    const error = new UnhandledPromiseRejectionError(reason, promise)
    void end(error, EXIT_REJECTION, 'Unhandled Promise Rejection')
  })
  const globals = globalThis as Record<symbol, () => void>
  globals[BEFORE_EXIT] = () => {
    const running = inFlight.all()
    for (const invocation of running) {
      const { atEmptyLoop = () => failed(new NodeJsExitError()) } = invocation
      const outcome = atEmptyLoop()
      if (outcome !== undefined) invocation.settle(outcome)
    }
    // Only the loading of the function waits with nothing in flight and nothing to keep the event loop busy.
    if (running.length === 0 && !api.hasServed) {
      void failInit(new NodeJsExitError(), EXIT_UNSETTLED, 'Init Error')
    }
  }
  process.on('beforeExit', () => globals[BEFORE_EXIT]?.())

  return { isEnding: () => isEnding, failInit }
}

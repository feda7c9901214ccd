// Where the function's log lines go, and what stands in them.
import type { TraceIds } from '../runtime/contract.ts'
import { hideLogDescriptor } from '../runtime/globals.ts'
import type { InFlight } from '../runtime/invocation/in-flight.ts'
import { createLogger, type Logger } from '../runtime/logs/logger.ts'
import { createFrameSink, type LogSink, stdoutSink } from '../runtime/logs/sink.ts'
import type { Config } from './config.ts'

export interface FunctionLogOptions {
  readonly config: Config
  readonly inFlight: InFlight
  readonly sink: LogSink
  /** Several invocations at once, on Managed Instances: these take lines in JSON only. */
  readonly isSideBySide: boolean
  /** Of the span that is active. */
  readonly ids: () => TraceIds | undefined
}

export function createFunctionLogger(options: FunctionLogOptions): Logger {
  const { config, inFlight, sink, isSideBySide, ids } = options
  const format = isSideBySide ? 'json' : config.logFormat
  const namesSpans =
    config.logTraceIds === 'all' || (config.logTraceIds === 'json' && format === 'json')
  return createLogger({
    format,
    threshold: config.logLevel,
    scope: () => inFlight.current()?.invocation,
    sink,
    trace: namesSpans ? ids : undefined,
    now: () => new Date(),
  })
}

/** The platform's own pipe for log records where it gives one; child processes must not find it. */
export function takeLogDescriptor(descriptor: number | undefined): LogSink {
  if (descriptor === undefined) return stdoutSink
  hideLogDescriptor()
  return createFrameSink(descriptor)
}

// Joins format, level and the running invocation into the one function that everything logged goes through.

import type { TraceIds } from '../contract.ts'
import { isShown, type LogFormat, type LogLevel } from './levels.ts'
import { formatJsonLine } from './line.ts'
import type { LogSink } from './sink.ts'

/** Which invocation a line belongs to. */
export interface LogScope {
  readonly requestId: string
  readonly tenantId: string | undefined
}

export interface LoggerOptions {
  readonly format: LogFormat
  readonly threshold: LogLevel
  /** The invocation that the calling code works for, if any. */
  readonly scope: () => LogScope | undefined
  readonly sink: LogSink
  /** The active span, for lines that name it. */
  readonly trace?: (() => TraceIds | undefined) | undefined
  readonly now: () => Date
}

export interface Logger {
  readonly format: LogFormat
  /** Whether lines of this level are written at all. */
  shows(level: LogLevel): boolean
  write(level: LogLevel, args: readonly unknown[]): void
}

const OUTSIDE: LogScope = { requestId: '-', tenantId: undefined }

export function createLogger(options: LoggerOptions): Logger {
  const { format, threshold, scope, sink, trace, now } = options
  const formatLine = format === 'json' ? formatJsonLine : sink.formatText
  const shows = (level: LogLevel): boolean => isShown(level, threshold)
  return {
    format,
    shows,
    write(level, args) {
      if (!shows(level)) return
      const { requestId, tenantId } = scope() ?? OUTSIDE
      const time = now()
      const timestamp = time.toISOString()
      const line = formatLine({ timestamp, level, requestId, tenantId, trace: trace?.() }, args)
      sink.write(line, level, format, time.getTime())
    },
  }
}

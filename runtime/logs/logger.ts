// Joins format, level and the running invocation into the one function that everything logged goes through.

import { isShown, type LogFormat, type LogLevel } from './levels.ts'
import { formatJsonLine, formatTextLine } from './line.ts'

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
  readonly write: (line: string) => void
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
  const { format, threshold, scope, write, now } = options
  const formatLine = format === 'json' ? formatJsonLine : formatTextLine
  const shows = (level: LogLevel): boolean => isShown(level, threshold)
  return {
    format,
    shows,
    write(level, args) {
      if (!shows(level)) return
      const { requestId, tenantId } = scope() ?? OUTSIDE
      write(formatLine({ timestamp: now().toISOString(), level, requestId, tenantId }, args))
    },
  }
}

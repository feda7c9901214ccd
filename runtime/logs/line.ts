// One log line in each of Lambda's two formats, as AWS's runtimes write it.
import { format } from 'node:util'
import type { TraceIds } from '../contract.ts'
import { isErrorLike } from '../failure/describe-error.ts'
import type { LogLevel } from './levels.ts'

/** What a line says besides its message. */
export interface LineContext {
  readonly timestamp: string
  readonly level: LogLevel
  /** `-` outside of any invocation. */
  readonly requestId: string
  readonly tenantId: string | undefined
  /** The span that was active; absent where lines do not name it. */
  readonly trace?: TraceIds | undefined
}

/**
 * `time TAB request id TAB level TAB message` for stdout. Of a custom runtime CloudWatch makes one event of each line
 * there, so the newlines inside are written as `\r`, which its console shows as line breaks.
 */
export function formatTextLine(context: LineContext, args: readonly unknown[]): string {
  return formatText(context, args).replaceAll('\n', '\r')
}

/** The same with its newlines, for where a record has an end of its own. */
export function formatText(context: LineContext, args: readonly unknown[]): string {
  const { timestamp, requestId, level, trace } = context
  const message = args.length === 0 ? 'undefined' : format(...args)
  const ids = trace === undefined ? '' : ` trace_id=${trace.traceId} span_id=${trace.spanId}`
  return `${timestamp}\t${requestId}\t${level}\t${message}${ids}`
}

/** One JSON object: a single argument is the message itself, several are formatted; the first error is spelled out. */
export function formatJsonLine(context: LineContext, args: readonly unknown[]): string {
  const head = {
    timestamp: context.timestamp,
    level: context.level,
    requestId: context.requestId,
    ...(context.tenantId !== undefined && { tenantId: context.tenantId }),
    ...(context.trace !== undefined && {
      trace_id: context.trace.traceId,
      span_id: context.trace.spanId,
    }),
  }
  if (args.length === 1) {
    try {
      return JSON.stringify({ ...head, message: args[0] }, expandErrors)
    } catch {
      return JSON.stringify({ ...head, message: format(args[0]) })
    }
  }
  const error = args.slice(1).find(isErrorLike)
  return JSON.stringify({ ...head, message: format(...args), ...(error && errorFields(error)) })
}

function expandErrors(_key: string, value: unknown): unknown {
  return isErrorLike(value) ? { ...errorFields(value), ...value } : value
}

/**
 * `errorType` is the constructor's name here, unlike in an answer: AWS's runtimes do so. A property that throws when it
 * is read must not cost the line.
 */
function errorFields(error: Error): Record<string, unknown> {
  const stack = read(() => error.stack)
  return {
    errorType: read(() => error.constructor.name) ?? 'UnknownError',
    errorMessage: read(() => error.message),
    stackTrace: typeof stack === 'string' ? stack.split('\n') : [],
  }
}

function read<T>(property: () => T): T | undefined {
  try {
    return property()
  } catch {
    return undefined
  }
}

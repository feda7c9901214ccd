// The tracer's part of the start. Its bundle is read only where it has somewhere to send to: without an endpoint it costs
// nothing.
import type { LoadChunk } from '../instrumentation/chunks.ts'
import type { Tracing } from '../instrumentation/tracing.ts'
import { type Registration, registerExtension } from '../runtime/api/extensions.ts'
import { createHttpClient } from '../runtime/api/http-client.ts'
import type { Log } from '../runtime/contract.ts'
import type { LogSink } from '../runtime/logs/sink.ts'
import type { Config } from './config.ts'
import { exporterSettings, tracingOptions } from './tracing-options.ts'
import { USER_AGENT } from './version.ts'

export interface StartTracingOptions {
  readonly config: Config
  readonly log: Log
  readonly loadChunk: LoadChunk
  /** How long the process had been up when its first line ran. */
  readonly readyUptimeMs: number
  readonly sink: LogSink
}

/** `undefined` where nothing is exported; what goes wrong is told in the log and is no matter of the function's. */
export function startTracing(options: StartTracingOptions): Tracing | undefined {
  const { config, log, loadChunk, readyUptimeMs, sink } = options
  const exporters = exporterSettings(config)
  if (exporters.length === 0) return undefined
  try {
    const { createTracing } = loadChunk('tracing')
    const writeLine = (line: string): boolean => {
      sink.write(line, 'INFO', 'json', Date.now())
      return true
    }
    const http = { userAgent: USER_AGENT, openHttpClient: createHttpClient }
    const given = { ...http, log, loadChunk, readyUptimeMs, writeLine }
    return createTracing(tracingOptions(config, exporters, given))
  } catch (error) {
    log.warn(`baton: tracing could not start: ${error} (the function is not affected)`)
    return undefined
  }
}

/** Without tracing there is nothing to rescue; the user may want the warning for ends of their own. */
export function registerForSigterm(config: Config): Registration | undefined {
  const isWanted =
    config.shutdownHook === undefined
      ? exporterSettings(config).length > 0
      : config.shutdownHook === 'on'
  return isWanted ? registerExtension({ ...config.runtimeApi, userAgent: USER_AGENT }) : undefined
}

/** Code that asks for `baton.records` runs without tracing as well. */
export const plainRecords =
  (loadChunk: LoadChunk): Tracing['records'] =>
  event =>
    loadChunk('records').plainRecords(event)

// Where the process starts: reads the environment, joins the runtime and the tracer, loads the function and serves.
// This folder alone sees both halves, and this file alone reads the environment.

import type { LoadChunk } from '../instrumentation/chunks.ts'
import type { Tracing } from '../instrumentation/tracing.ts'
import { RuntimeApiClient } from '../runtime/api/client.ts'
import type { Registration } from '../runtime/api/extensions.ts'
import { createHttpClient } from '../runtime/api/http-client.ts'
import type { Log, TraceIds } from '../runtime/contract.ts'
import { installBaton, installGlobals, publishTraceHeader } from '../runtime/globals.ts'
import {
  CALLBACK_WARNING,
  deservesCallbackWarning,
  kindOfHandler,
} from '../runtime/handler/kind.ts'
import { loadHandler, type ModuleLoader } from '../runtime/handler/load.ts'
import type { FunctionInfo } from '../runtime/invocation/context.ts'
import { InFlight } from '../runtime/invocation/in-flight.ts'
import { type LoopMode, type LoopOptions, oneAtATime, serve } from '../runtime/invocation/loop.ts'
import type { RunOptions } from '../runtime/invocation/run-handler.ts'
import { InvokeStore } from '../runtime/invoke-store.ts'
import { type CrashGuard, guardProcess } from '../runtime/lifecycle/crash.ts'
import { handleSigterm, shutDownObserver } from '../runtime/lifecycle/sigterm.ts'
import { patchConsole } from '../runtime/logs/console.ts'
import type { Logger } from '../runtime/logs/logger.ts'
import { connectSocketSink, type LogSink, stdoutSink } from '../runtime/logs/sink.ts'
import { type Profile, selectProfile } from '../runtime/profile.ts'
import { installStreamingGlobals } from '../runtime/streaming/globals.ts'
import { streamingModeOf } from '../runtime/streaming/handler-mode.ts'
import { type Config, type ReadConfig, readConfig } from './config.ts'
import { createFunctionLogger, takeLogDescriptor } from './function-log.ts'
import { plainRecords, registerForSigterm, startTracing } from './start-tracing.ts'
import { USER_AGENT } from './version.ts'

const EXIT_FAILURE = 1

/** Serves until the process ends. `loader` is for the function's modules: a bundle run from a cache has none of its own. */
export async function main(loader: LayerLoader): Promise<void> {
  const { config, warnings } = readConfigOrExit()
  const http = createHttpClient(config.runtimeApi)
  const parts: Parts = {
    config,
    loader,
    inFlight: new InFlight(),
    api: new RuntimeApiClient(http, USER_AGENT),
    profile: selectProfile(config.profile, process.versions.node),
  }
  const { maxConcurrency, workerCount } = config
  if (maxConcurrency === undefined) {
    const sink = takeLogDescriptor(config.logDescriptor)
    return serveFunction(parts, warnings, { sink, isSideBySide: false, loops: 1 })
  }
  const workers = workerCount > 1 ? await import('../runtime/concurrency/workers.ts') : undefined
  const sink =
    config.logSocket === undefined ? stdoutSink : await connectSocketSink(config.logSocket)
  if (workers !== undefined && !workers.isWorker) return superviseWorkers(parts, sink, workers)
  return serveFunction(parts, warnings, {
    sink,
    isSideBySide: true,
    loops: Math.ceil(maxConcurrency / workerCount),
    workers,
  })
}

/** Loads the function's modules, and the layer's own. */
export interface LayerLoader extends ModuleLoader {
  /** A file beside the runtime's that is loaded only when it is needed. */
  readonly loadChunk: LoadChunk
  /** How long the process had been up when its first line ran. */
  readonly readyUptimeMs: number
}

/** What every way of serving needs. */
interface Parts {
  readonly config: Config
  readonly loader: LayerLoader
  readonly inFlight: InFlight
  readonly api: RuntimeApiClient
  readonly profile: Profile
}

type Workers = typeof import('../runtime/concurrency/workers.ts')

interface Serving {
  readonly sink: LogSink
  readonly isSideBySide: boolean
  /** Events under way in this thread at most. */
  readonly loops: number
  /** Present in a worker thread. */
  readonly workers?: Workers | undefined
}

async function serveFunction(
  parts: Parts,
  warnings: readonly string[],
  serving: Serving,
): Promise<void> {
  const { config, loader, inFlight, api, profile } = parts
  const { isSideBySide, workers } = serving
  let tracing: Tracing | undefined
  const { sink } = serving
  const ids = (): TraceIds | undefined => tracing?.source.ids()
  const logger = createFunctionLogger({ config, inFlight, sink, isSideBySide, ids })
  const log: Log = { warn: message => logger.write('WARN', [message]) }
  patchConsole(console, logger)
  const guard = guardFunction(parts, serving, logger)
  for (const warning of warnings) log.warn(warning)
  // For threads the main one does it: signals come to it alone.
  const registration = workers === undefined ? registerForSigterm(config) : undefined
  tracing = startTracing({ config, log, sink, ...loader })
  await hookShutdown(parts, serving, registration, tracing)
  if (!config.isGlobalHidden) {
    installGlobals(new InvokeStore(inFlight, tracing?.source))
    installStreamingGlobals()
    installBaton({ records: tracing?.records ?? plainRecords(loader.loadChunk) })
  }
  tracing?.init?.loading()
  const run = await loadFunction(parts, isSideBySide, log).catch(error =>
    guard.failInit(error, profile.initErrorExitCode, 'Init Error'),
  )
  tracing?.init?.loaded()
  if (run === undefined) return
  workers?.tellServing()
  const mode = await loopMode(isSideBySide, api, logger)
  await registration?.settled()
  tracing?.init?.ended()
  const { observer } = tracing ?? {}
  const publish = isSideBySide ? () => {} : publishTraceHeader
  const { isEnding } = guard
  await serveLoops(
    { api, run, logger, inFlight, observer, publishTraceHeader: publish, isEnding, mode },
    serving.loops,
  )
}

function guardFunction(parts: Parts, serving: Serving, logger: Logger): CrashGuard {
  const { api, inFlight } = parts
  const { isSideBySide, workers } = serving
  return guardProcess({
    process,
    api,
    logger,
    inFlight,
    isSideBySide,
    postInitError: async report => {
      if (workers === undefined) await api.failInit(report)
      else workers.tellInitError(report)
    },
  })
}

/** Before the function is loaded: our SIGTERM listener is the first, and the registration is on its way. */
async function hookShutdown(
  parts: Parts,
  serving: Serving,
  registration: Registration | undefined,
  tracing: Tracing | undefined,
): Promise<void> {
  const observer = tracing?.observer
  if (observer !== undefined) process.on('exit', code => observer.exited(code))
  const shutDown = shutDownObserver(observer, parts.inFlight, Date.now)
  if (registration === undefined) {
    serving.workers?.onShutdown(shutDown)
    return
  }
  handleSigterm(process, shutDown)
  await registration.sent()
}

async function loopMode(
  isSideBySide: boolean,
  api: RuntimeApiClient,
  logger: Logger,
): Promise<LoopMode> {
  if (!isSideBySide) return oneAtATime(api)
  const { sideBySide } = await import('../runtime/concurrency/side-by-side.ts')
  return sideBySide(api, logger)
}

async function serveLoops(options: LoopOptions, loops: number): Promise<void> {
  try {
    await Promise.all(Array.from({ length: loops }, () => serve(options)))
  } catch (error) {
    options.logger.write('FATAL', [String(error)])
    process.exit(EXIT_FAILURE)
  }
}

async function loadFunction(parts: Parts, isSideBySide: boolean, log: Log): Promise<RunOptions> {
  const { config, loader, profile } = parts
  const handler = await loadHandler({
    handler: config.handler,
    taskRoot: config.taskRoot ?? process.cwd(),
    warn: log.warn,
    loader,
  })
  const isNode22 = config.executionEnvironment === 'AWS_Lambda_nodejs22.x'
  const mode = streamingModeOf(handler)
  // Loaded for those who stream: Node's streams are a large part of it.
  const streaming = mode && { mode, ...(await import('../runtime/streaming/run-streaming.ts')) }
  // The third parameter of a handler that streams is the context.
  const kind = mode === undefined ? kindOfHandler({ handler, profile, isNode22 }) : 'promise'
  const mayWarn = mode === undefined && !config.isCallbackWarningOff
  if (mayWarn && deservesCallbackWarning(handler, profile)) log.warn(CALLBACK_WARNING)
  const info: FunctionInfo = {
    functionName: config.functionName,
    functionVersion: config.functionVersion,
    memoryLimitInMB: config.memoryMb,
    logGroupName: config.logGroupName,
    logStreamName: config.logStreamName,
  }
  return { handler, kind, streaming, context: { info, profile, isSideBySide } }
}

/** The main thread of a process whose function runs in worker threads: it posts for them what may be posted once. */
async function superviseWorkers(parts: Parts, sink: LogSink, workers: Workers): Promise<void> {
  const { config, api, profile } = parts
  const logger = createFunctionLogger({ ...parts, sink, isSideBySide: true, ids: () => undefined })
  const registration = registerForSigterm(config)
  await registration?.settled()
  const shutDown = workers.startWorkers({
    entry: process.argv[1] ?? '',
    count: config.workerCount,
    onInitError: async (report, exitCode) => {
      logger.write('ERROR', [`a worker thread ended with ${exitCode} before it could serve`])
      if (report !== undefined) await api.failInit(report).catch(() => {})
      process.exit(report === undefined ? exitCode || EXIT_FAILURE : profile.initErrorExitCode)
    },
  })
  if (registration !== undefined) handleSigterm(process, shutDown)
}

function readConfigOrExit(): ReadConfig {
  try {
    return readConfig(process.env)
  } catch (error) {
    // Nothing else is up yet: not the log, and not the Runtime API, whose address may be what is wrong.
    process.stderr.write(`baton: ${error}\n`)
    process.exit(EXIT_FAILURE)
  }
}

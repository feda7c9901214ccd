// Where the process starts: reads the environment, joins the runtime and the tracer, loads the function and serves.
// The only file that sees both halves, and the only read of the environment.

import type { Tracing, TracingOptions } from '../instrumentation/tracing.ts'
import { RuntimeApiClient } from '../runtime/api/client.ts'
import { createHttpClient } from '../runtime/api/http-client.ts'
import type { Log } from '../runtime/contract.ts'
import { hideLogDescriptor, installGlobals, publishTraceHeader } from '../runtime/globals.ts'
import {
  CALLBACK_WARNING,
  deservesCallbackWarning,
  type HandlerKind,
  kindOfHandler,
} from '../runtime/handler/kind.ts'
import { type Handler, loadHandler, type ModuleLoader } from '../runtime/handler/load.ts'
import { InFlight } from '../runtime/invocation/in-flight.ts'
import { serve } from '../runtime/invocation/loop.ts'
import { InvokeStore } from '../runtime/invoke-store.ts'
import { guardProcess } from '../runtime/lifecycle/crash.ts'
import { patchConsole } from '../runtime/logs/console.ts'
import { createLogger } from '../runtime/logs/logger.ts'
import { createFrameSink, type LogSink, stdoutSink } from '../runtime/logs/sink.ts'
import { selectProfile } from '../runtime/profile.ts'
import { type Config, type ReadConfig, readConfig } from './config.ts'
import { VERSION } from './version.ts'

const EXIT_FAILURE = 1
const USER_AGENT = `baton/${VERSION} node/${process.versions.node}`

/** Serves until the process ends. `loader` is for the function's modules: a bundle run from a cache has none of its own. */
export async function main(loader: ModuleLoader): Promise<void> {
  const { config, warnings } = readConfigOrExit()
  const inFlight = new InFlight()
  let tracing: Tracing | undefined
  const logger = createLogger({
    format: config.logFormat,
    threshold: config.logLevel,
    scope: () => inFlight.current()?.invocation,
    sink: takeLogDescriptor(config.logDescriptor),
    trace: namesSpans(config) ? () => tracing?.source.ids() : undefined,
    now: () => new Date(),
  })
  const log: Log = { warn: message => logger.write('WARN', [message]) }
  patchConsole(console, logger)
  const api = new RuntimeApiClient(createHttpClient(config.runtimeApi), USER_AGENT)
  const guard = guardProcess({ process, api, logger, inFlight })
  for (const warning of warnings) log.warn(warning)
  tracing = await startTracing(config, log)
  if (!config.isGlobalHidden) installGlobals(new InvokeStore(inFlight, tracing?.source))
  const profile = selectProfile(config.profile, process.versions.node)
  let handler: Handler
  let kind: HandlerKind
  try {
    handler = await loadHandler({
      handler: config.handler,
      taskRoot: config.taskRoot ?? process.cwd(),
      warn: log.warn,
      loader,
    })
    kind = kindOfHandler({
      handler,
      profile,
      isNode22: config.executionEnvironment === 'AWS_Lambda_nodejs22.x',
    })
  } catch (error) {
    return guard.failInit(error, profile.initErrorExitCode, 'Init Error')
  }
  if (!config.isCallbackWarningOff && deservesCallbackWarning(handler, profile)) {
    log.warn(CALLBACK_WARNING)
  }
  try {
    await serve({
      api,
      run: {
        handler,
        kind,
        context: {
          info: {
            functionName: config.functionName,
            functionVersion: config.functionVersion,
            memoryLimitInMB: config.memoryMb,
            logGroupName: config.logGroupName,
            logStreamName: config.logStreamName,
          },
          profile,
        },
      },
      logger,
      inFlight,
      observer: tracing?.observer,
      publishTraceHeader,
      isEnding: guard.isEnding,
    })
  } catch (error) {
    logger.write('FATAL', [String(error)])
    process.exit(EXIT_FAILURE)
  }
}

function namesSpans({ logFormat, logTraceIds }: Config): boolean {
  return logTraceIds === 'all' || (logTraceIds === 'json' && logFormat === 'json')
}

/** The platform's own pipe for log records where it gives one; child processes must not find it. */
function takeLogDescriptor(descriptor: number | undefined): LogSink {
  if (descriptor === undefined) return stdoutSink
  hideLogDescriptor()
  return createFrameSink(descriptor)
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

/** The tracer is evaluated only where it has somewhere to send to: without an endpoint it costs nothing. */
async function startTracing(config: Config, log: Log): Promise<Tracing | undefined> {
  const url = config.tracesEndpoint ?? tracesUrl(config.endpoint)
  if (url === undefined || config.isDisabled || config.exporter === 'none') return undefined
  try {
    const { createTracing } = await import('../instrumentation/tracing.ts')
    return createTracing(tracingOptions(config, url, log))
  } catch (error) {
    log.warn(`baton: tracing could not start: ${error} (the function is not affected)`)
    return undefined
  }
}

function tracingOptions(config: Config, url: URL, log: Log): TracingOptions {
  return {
    facts: {
      functionName: config.functionName,
      functionVersion: config.functionVersion,
      memoryMb: config.memoryMb,
      logStreamName: config.logStreamName,
      region: config.region,
      serviceName: config.serviceName,
      resourceAttributes: config.resourceAttributes,
      version: VERSION,
      nodeVersion: process.versions.node,
    },
    url,
    headers: config.headers,
    exportTimeoutMs: config.exportTimeoutMs,
    maxQueueSize: config.maxQueueSize,
    limits: {
      attributeCount: config.attributeCountLimit,
      attributeValueLength: config.attributeValueLengthLimit,
      eventCount: config.eventCountLimit,
      linkCount: config.linkCountLimit,
    },
    userAgent: USER_AGENT,
    openHttpClient: createHttpClient,
    log,
  }
}

/** OTEL_EXPORTER_OTLP_ENDPOINT is a base: traces go to `v1/traces` below it. */
function tracesUrl(base: URL | undefined): URL | undefined {
  if (base === undefined) return undefined
  const url = new URL(base)
  url.pathname = `${base.pathname.replace(/\/$/, '')}/v1/traces`
  return url
}

// `baton serve`: a function behind Lambda's Invoke API, event after event, with its log and its traces; and
// `baton collect`: a collector that shows each trace as it comes.
import { type Collector, startCollector } from '../collector/collector.ts'
import { startFunction } from '../emulator/function.ts'
import { serveInvokeApi } from '../emulator/invoke-api.ts'
import { drawLiveTraces, type LiveTraces } from '../viewer/live-traces.ts'
import { createPalette, wantsColor } from '../viewer/palette.ts'
import { findBootstrap, hasEndpoint, selectVariables } from './inputs.ts'
import { formatLog } from './output.ts'
import type { CollectCommand, ServeCommand } from './parse-arguments.ts'
import type { Terminal } from './run-invoke.ts'

/** Resolves with the exit status when the process is told to end. */
export async function runServe(command: ServeCommand, terminal: Terminal): Promise<number> {
  const { stderr } = terminal
  const ended = untilToldToEnd()
  const { directory, handler, timeoutMs, memoryMb } = command
  const env: Record<string, string> = {
    ...(command.inherit ? definedVariables(terminal.env) : selectVariables(terminal.env)),
    ...command.env,
  }
  if (command.endpoint !== undefined) env.OTEL_EXPORTER_OTLP_ENDPOINT = command.endpoint
  await using collector = hasEndpoint(env) ? undefined : await startCollector()
  if (collector !== undefined) env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url
  const traces = collector && showTraces(collector, terminal)
  const palette = createPalette(wantsColor(stderr, terminal.env))
  const { AWS_LAMBDA_FUNCTION_NAME: name } = env
  await using fn = await startFunction({
    directory,
    handler,
    timeoutMs,
    memoryMb,
    ...(name && { name }),
    bootstrap: findBootstrap(command.bootstrap),
    env,
    followsChanges: true,
    onLog: line => stderr.write(formatLog(line, palette)),
  })
  await using server = await serveInvokeApi(
    (event, options) => fn.invokeText(event, options),
    command.listen,
  )
  stderr.write(`baton: serving ${server.url}/2015-03-31/functions/function/invocations\n`)
  await ended
  await fn.stop()
  traces?.stop()
  return 0
}

/** Resolves with the exit status when the process is told to end. */
export async function runCollect(command: CollectCommand, terminal: Terminal): Promise<number> {
  const ended = untilToldToEnd()
  await using collector = await startCollector(command.listen)
  const traces = showTraces(collector, terminal)
  terminal.stderr.write(`baton: collecting ${collector.url}/v1/traces\n`)
  await ended
  traces.stop()
  return 0
}

function showTraces(collector: Collector, { stderr, env }: Terminal): LiveTraces {
  return drawLiveTraces(collector.store, {
    color: wantsColor(stderr, env),
    width: stderr.columns || 80,
    write: text => stderr.write(text),
  })
}

/** As the first process of a container it would not end by itself. */
function untilToldToEnd(): Promise<void> {
  return new Promise(resolve => {
    process.once('SIGINT', () => resolve()).once('SIGTERM', () => resolve())
  })
}

function definedVariables(env: Terminal['env']): Record<string, string> {
  const defined: Record<string, string> = {}
  for (const [name, value] of Object.entries(env)) if (value !== undefined) defined[name] = value
  return defined
}

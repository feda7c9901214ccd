// `baton invoke`: one event, one answer, one trace.
import { type Collector, startCollector } from '../collector/collector.ts'
import type { CollectedSpan } from '../collector/span.ts'
import type { Answer } from '../emulator/answer.ts'
import { type LocalFunction, startFunction } from '../emulator/function.ts'
import { createPalette, wantsColor } from '../viewer/palette.ts'
import { type RenderOptions, renderTraces } from '../viewer/render-trace.ts'
import { findBootstrap, hasEndpoint, readEvent, selectVariables } from './inputs.ts'
import { formatJson, formatLog, formatOutcome, isFailure } from './output.ts'
import type { InvokeCommand } from './parse-arguments.ts'

/** The process's streams and environment, as the entry file hands them in. */
export interface Terminal {
  readonly stdin: NodeJS.ReadableStream & AsyncIterable<unknown>
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly env: Readonly<Record<string, string | undefined>>
}

/** For spans that are under way when the function has ended. */
const LATE_SPANS_MS = 1000

/** Resolves with the exit status: 0, or 1 when the invocation failed. */
export async function runInvoke(command: InvokeCommand, terminal: Terminal): Promise<number> {
  const { stderr, stdout } = terminal
  const color = wantsColor(stderr, terminal.env)
  const palette = createPalette(color)
  const event = await readEvent(command.event, terminal.stdin)
  const env: Record<string, string> = { ...selectVariables(terminal.env), ...command.env }
  if (command.endpoint !== undefined) env.OTEL_EXPORTER_OTLP_ENDPOINT = command.endpoint
  await using collector = hasEndpoint(env) ? undefined : await startCollector()
  if (collector !== undefined) env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url
  const { directory, handler, timeoutMs, memoryMb } = command
  await using fn = await startFunction({
    directory,
    handler,
    timeoutMs,
    memoryMb,
    bootstrap: findBootstrap(command.bootstrap),
    env,
    onLog: line => stderr.write(formatLog(line, palette)),
  })
  const answer = await invokeUntilSettled(fn, event, answered => {
    if (!command.json) writeAnswer(answered, stdout)
  })
  const spans = await collectSpans(collector, answer)
  stderr.write(`\n${formatOutcome(answer, palette)}`)
  if (command.json) stdout.write(formatJson(answer, spans))
  else stderr.write(formatTrace(spans, env, { color, width: stderr.columns || 80 }))
  return isFailure(answer) ? 1 : 0
}

/** Ctrl-C ends the function, whose process group is not the terminal's, and with it the invocation. */
async function invokeUntilSettled(
  fn: LocalFunction,
  event: string,
  onAnswer: (answer: Answer) => void,
): Promise<Answer> {
  const stop = (): void => void fn.stop()
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    const answer = await fn.invokeText(event)
    onAnswer(answer)
    await fn.settled()
    await fn.stop()
    return answer
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
}

/** A binary stream goes out as it came; text gets a line end. */
function writeAnswer(answer: Answer, stdout: NodeJS.WriteStream): void {
  if (answer.kind === 'response' && answer.isStreamed) stdout.write(answer.bytes)
  else stdout.write(`${answer.body}\n`)
}

async function collectSpans(
  collector: Collector | undefined,
  answer: Answer,
): Promise<readonly CollectedSpan[] | undefined> {
  const isThere = (spans: readonly CollectedSpan[]): boolean =>
    spans.some(span => span.attributes['faas.invocation_id'] === answer.requestId)
  // Not there in time means that there is none, and the trace says so.
  await collector?.store.waitForSpans(isThere, LATE_SPANS_MS).catch(() => {})
  return collector?.store.spans
}

function formatTrace(
  spans: readonly CollectedSpan[] | undefined,
  env: Readonly<Record<string, string>>,
  options: RenderOptions,
): string {
  if (spans !== undefined && spans.length > 0) return `\n${renderTraces(spans, options)}`
  const { dim } = createPalette(options.color)
  if (spans !== undefined)
    return dim(
      'no spans arrived: tracing is switched off, or the process was ended before it sent them\n',
    )
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT
  // Without the credentials that an address may hold.
  return dim(`spans went to ${endpoint?.replace(/\/\/.*@/, '//')}\n`)
}

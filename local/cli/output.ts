// What an invocation looks like on the terminal. Pure: values in, text out.
import type { CollectedSpan } from '../collector/span.ts'
import type { Answer } from '../emulator/answer.ts'
import type { LogLine } from '../emulator/log-line.ts'
import type { Palette } from '../viewer/palette.ts'
import { makePrintable } from '../viewer/text.ts'

/** True when the caller did not get what the function was to give. */
export function isFailure(answer: Answer): boolean {
  return answer.kind === 'error' || answer.streamError !== undefined
}

/** One line of the log, with its line end. A runtime writes `\r` for the line ends within one message. */
export function formatLog({ source, text }: LogLine, palette: Palette): string {
  const line = text.replaceAll('\r', '\n')
  return `${source === 'platform' ? palette.dim(line) : line}\n`
}

/** The line after the log that says how it went. */
export function formatOutcome(answer: Answer, palette: Palette): string {
  const duration = `after ${answer.durationMs.toFixed(1)} ms`
  const failure = answer.kind === 'error' ? answer : answer.streamError
  if (failure === undefined) return `${palette.good('✓')} answered ${duration}\n`
  const where = answer.kind === 'error' ? '' : ' in the stream,'
  return `${palette.error(`✗ ${makePrintable(failure.errorType)}`)}${where} ${duration}\n`
}

/** One document with everything; `spans` is absent when they went elsewhere. */
export function formatJson(answer: Answer, spans: readonly CollectedSpan[] | undefined): string {
  const { requestId, durationMs, kind } = answer
  const failure = answer.kind === 'error' ? answer : answer.streamError
  const document = {
    requestId,
    kind,
    durationMs,
    result: answer.kind === 'response' ? parse(answer.body) : undefined,
    errorType: failure?.errorType,
    error: failure === undefined ? undefined : parse(failure.body),
    spans,
  }
  return `${JSON.stringify(document, writeBigint, 2)}\n`
}

function writeBigint(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

/** A result is JSON unless a function streamed something else. */
function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}

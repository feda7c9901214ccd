// The function's log as lines: what the process printed, and what Lambda itself writes around it.
import { StringDecoder } from 'node:string_decoder'

export interface LogLine {
  readonly source: 'stdout' | 'stderr' | 'platform'
  readonly text: string
}

/** CloudWatch's limit for one event; a longer line is cut into several. */
export const LINE_LIMIT_CHARS: number = 1024 * 1024

/** Cuts a stream of bytes into lines at `\n` only: a `\r` is how a runtime keeps a multi-line message together. */
export class LineSplitter {
  readonly #emit: (line: string) => void
  readonly #decoder = new StringDecoder('utf8')
  #rest = ''

  constructor(emit: (line: string) => void) {
    this.#emit = emit
  }

  write(chunk: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(chunk)).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#emit(line)
    while (this.#rest.length > LINE_LIMIT_CHARS) {
      this.#emit(this.#rest.slice(0, LINE_LIMIT_CHARS))
      this.#rest = this.#rest.slice(LINE_LIMIT_CHARS)
    }
  }

  /** Gives out what stands after the last line end. */
  end(): void {
    const rest = this.#rest + this.#decoder.end()
    this.#rest = ''
    if (rest !== '') this.#emit(rest)
  }
}

export interface Report {
  readonly requestId: string
  readonly durationMs: number
  readonly memoryMb: number
  /** Only of the first invocation of a process. */
  readonly initDurationMs: number | undefined
}

/** Lambda's REPORT line. It has no memory figure: a child process here is not measured as a sandbox is. */
export function formatReport(report: Report): string {
  const parts = [
    `REPORT RequestId: ${report.requestId}`,
    `Duration: ${report.durationMs.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(report.durationMs + (report.initDurationMs ?? 0))} ms`,
    `Memory Size: ${report.memoryMb} MB`,
  ]
  if (report.initDurationMs !== undefined)
    parts.push(`Init Duration: ${report.initDurationMs.toFixed(2)} ms`)
  return parts.join('\t')
}

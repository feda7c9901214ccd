// Between the spans of this process and its journal: what is written when, how far it may be cut, and what an earlier
// process left behind.
import type { Span } from '../trace/span.ts'
import type { ReadJournal } from './backlog.ts'
import { ByteWriter } from './byte-writer.ts'
import type { Exporter } from './exporter.ts'
import type { Journal } from './journal/journal.ts'
import { encodeOpenSpan } from './otlp-encoder.ts'
import type { SpanBatch } from './transport.ts'

/** What was found of an earlier process, and how to say that nobody needs it any more. */
export interface Leftovers {
  readonly batches: readonly SpanBatch[]
  release(): void
}

/** Of spans that only the journal holds, in one request. */
const MAX_READ_BYTES = 512 * 1024
const NOTHING = new Uint8Array(0)

/** Without a journal everything here is without effect. */
export class Journaling {
  readonly #journal: Journal | undefined
  readonly #exporters: readonly Exporter[]
  readonly #writer = new ByteWriter()
  #leftovers: Leftovers | undefined

  constructor(journal: Journal | undefined, exporters: readonly Exporter[]) {
    this.#journal = journal
    this.#exporters = exporters
  }

  get isOn(): boolean {
    return this.#journal !== undefined
  }

  /** An invocation began, or more is known of it. */
  begin(span: Span, deadlineMs: number): void {
    if (this.#journal === undefined) return
    this.#journal.begin(span.context.spanId, this.#encodeOpen(span), deadlineMs)
    this.#writer.truncate(0)
  }

  /** A call began. */
  open(span: Span): void {
    if (this.#journal === undefined) return
    this.#journal.open(span.context.spanId, this.#encodeOpen(span))
    this.#writer.truncate(0)
  }

  /** A span ended and is to be exported. */
  end(span: Span, encoded: Uint8Array): void {
    this.#journal?.end(span.context.spanId, encoded)
  }

  /** A span ended and goes nowhere. */
  discard(span: Span): void {
    this.#journal?.discard(span.context.spanId)
  }

  exited(code: number): void {
    this.#journal?.exit(code)
  }

  /** Hands what an earlier process left to every exporter. */
  takeOver(leftovers: Leftovers): void {
    this.#leftovers = leftovers
    for (const { backlog } of this.#exporters) {
      for (const batch of leftovers.batches) backlog.addRecovered(batch)
    }
    this.progress()
  }

  /** Some exporter needs less than before: forgets what none needs. */
  progress(): void {
    this.#journal?.cut(Math.min(...this.#exporters.map(({ backlog }) => backlog.done)))
    if (this.#leftovers === undefined) return
    if (this.#exporters.some(({ backlog }) => backlog.hasRecovered)) return
    this.#leftovers.release()
    this.#leftovers = undefined
  }

  readonly read: ReadJournal = from =>
    this.#journal?.read(from, MAX_READ_BYTES) ?? { spans: NOTHING, count: 0, lost: 0 }

  #encodeOpen(span: Span): Uint8Array {
    encodeOpenSpan(this.#writer, span)
    return this.#writer.view()
  }
}

// Finished spans as bytes, oldest first, bounded. A batch stays in it until the collector has taken it, so that an
// export that fails costs nothing but the time it took.
import type { Span } from '../trace/span.ts'
import { ByteWriter } from './byte-writer.ts'
import { encodeSpan } from './otlp-encoder.ts'

/** Collectors refuse requests above 4 to 20 MB; a Lambda function may have no more than 128 MB in all. */
const MAX_BYTES = 2 * 1024 * 1024

export interface Batch {
  readonly spans: Uint8Array
  readonly count: number
}

export class SpanBuffer {
  readonly #writer = new ByteWriter()
  readonly #maxSpans: number
  #count = 0
  /** Spans that found no room since the last report. */
  dropped = 0

  constructor(maxSpans: number) {
    this.#maxSpans = maxSpans
  }

  get isEmpty(): boolean {
    return this.#count === 0
  }

  /** Writes the span; a span that has no room is dropped and counted. */
  add(span: Span): void {
    const before = this.#writer.length
    if (this.#count >= this.#maxSpans) {
      this.dropped++
      return
    }
    encodeSpan(this.#writer, span)
    if (this.#writer.length > MAX_BYTES) {
      this.#writer.truncate(before)
      this.dropped++
    } else this.#count++
  }

  /** All that is held, or came after an earlier batch; it stays held until `remove`. */
  batch(after?: Batch): Batch {
    return {
      spans: this.#writer.copy(after?.spans.length),
      count: this.#count - (after?.count ?? 0),
    }
  }

  /** Forgets a batch, whose spans are still the oldest. */
  remove(batch: Batch): void {
    this.#writer.removeFirst(batch.spans.length)
    this.#count -= batch.count
  }
}

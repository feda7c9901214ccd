// Finished spans as bytes, oldest first, bounded. A batch stays in it until the collector has taken it, so that an
// export that fails costs nothing but the time it took.

import { ByteWriter } from './byte-writer.ts'

/** Collectors refuse requests above 4 to 20 MB; a Lambda function may have no more than 128 MB in all. */
const MAX_BYTES = 2 * 1024 * 1024

export interface Batch {
  /** `scope_spans.spans` entries, as `encodeSpan` wrote them. */
  readonly spans: Uint8Array
  readonly count: number
}

export class SpanBuffer {
  readonly #writer = new ByteWriter()
  readonly #maxSpans: number
  #count = 0

  constructor(maxSpans: number) {
    this.#maxSpans = maxSpans
  }

  get count(): number {
    return this.#count
  }

  get bytes(): number {
    return this.#writer.length
  }

  /** How full it is, 0 to 1. */
  get share(): number {
    return Math.max(this.#count / this.#maxSpans, this.bytes / MAX_BYTES)
  }

  /** Takes one encoded span; false when it has no room. */
  add(span: Uint8Array): boolean {
    if (this.#count >= this.#maxSpans || this.bytes + span.length > MAX_BYTES) return false
    this.#writer.bytes(span)
    this.#count++
    return true
  }

  /** The oldest spans, at most so many, or those that follow an earlier batch; they stay held until `remove`. */
  batch(maxSpans: number, after?: Batch): Batch {
    const held = this.#count - (after?.count ?? 0)
    const all = this.#writer.view(after?.spans.length)
    const count = Math.min(held, maxSpans)
    const length = count === held ? all.length : lengthOfSpans(all, count)
    return { spans: Uint8Array.prototype.slice.call(all, 0, length), count }
  }

  /** Forgets a batch, whose spans are still the oldest. */
  remove(batch: Batch): void {
    this.#writer.removeFirst(batch.spans.length)
    this.#count -= batch.count
  }
}

/** Bytes of the first `count` spans: each is a tag of one byte, a length as a varint, and as much as that says. */
export function lengthOfSpans(spans: Uint8Array, count: number): number {
  let at = 0
  for (let each = 0; each < count; each++) {
    let size = 0
    let shift = 0
    let byte: number
    do {
      byte = spans[++at] ?? 0
      size |= (byte & 0x7f) << shift
      shift += 7
    } while (byte > 0x7f)
    at += size + 1
  }
  return at
}

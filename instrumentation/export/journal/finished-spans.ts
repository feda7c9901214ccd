// Where in the file the finished spans stand that are still needed, oldest first. Three numbers a span in one flat list,
// since an outage may leave ten thousand of them.

/** Number, position and length of one span. */
const STRIDE = 3
/** Forgotten spans at the list's beginning that are worth moving the rest for. */
const WORTH_MOVING = 1024

export interface FinishedSpan {
  readonly number: number
  /** In the file, of the `scope_spans.spans` entry. */
  readonly position: number
  readonly length: number
}

export class FinishedSpans {
  readonly #list: number[] = []
  #first = 0

  get count(): number {
    return this.#list.length / STRIDE - this.#first
  }

  add(number: number, position: number, length: number): void {
    this.#list.push(number, position, length)
  }

  /** The oldest after so many. */
  at(index: number): FinishedSpan | undefined {
    const at = (this.#first + index) * STRIDE
    const [number, position, length] = [this.#list[at], this.#list[at + 1], this.#list[at + 2]]
    if (number === undefined || position === undefined || length === undefined) return undefined
    return { number, position, length }
  }

  /** How many have a number below this one. */
  countBelow(number: number): number {
    const oldest = this.at(0)
    if (oldest === undefined || number <= oldest.number) return 0
    // Numbers that the journal refused are missing in the list, so that the place looked for is here or before.
    let index = Math.min(this.count, number - oldest.number)
    while (index > 0 && (this.at(index - 1)?.number ?? 0) >= number) index--
    return index
  }

  removeFirst(count: number): void {
    this.#first += count
    if (this.count === 0) {
      this.#list.length = 0
      this.#first = 0
    } else if (this.#first >= WORTH_MOVING && this.#first >= this.count) {
      this.#list.splice(0, this.#first * STRIDE)
      this.#first = 0
    }
  }

  /** Forgets the oldest ones that stand before `end` and at or after `start`; how many these were. */
  removeWithin(start: number, end: number): number {
    let count = 0
    for (;;) {
      const span = this.at(count)
      if (span === undefined || span.position < start || span.position >= end) break
      count++
    }
    this.removeFirst(count)
    return count
  }
}

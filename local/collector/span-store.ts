// What a collector has received, and who waits for more of it.
import type { ExportRequest } from './answer-export.ts'
import { CollectorError } from './errors.ts'
import type { CollectedSpan } from './span.ts'

/** Above these the oldest are dropped: a collector that runs all day must not fill the memory. */
export const SPAN_LIMIT = 100_000
export const REQUEST_LIMIT = 10_000

/** A number of spans, or a condition that all spans so far together fulfil. */
export type SpanCondition = number | ((spans: readonly CollectedSpan[]) => boolean)

type SpansListener = (spans: readonly CollectedSpan[]) => void

export class SpanStore {
  readonly #spans: CollectedSpan[] = []
  readonly #requests: ExportRequest[] = []
  readonly #listeners = new Set<SpansListener>()

  /** In the order they came. */
  get spans(): readonly CollectedSpan[] {
    return this.#spans
  }

  /** Every request with its headers and raw body, refused ones too. */
  get requests(): readonly ExportRequest[] {
    return this.#requests
  }

  addRequest(request: ExportRequest): void {
    this.#requests.push(request)
    if (this.#requests.length > REQUEST_LIMIT) this.#requests.shift()
  }

  addSpans(spans: readonly CollectedSpan[]): void {
    if (spans.length === 0) return
    for (const span of spans) this.#spans.push(span)
    this.#spans.splice(0, this.#spans.length - SPAN_LIMIT)
    for (const listener of [...this.#listeners]) listener(spans)
  }

  /** Calls `listener` with each request's spans until the returned function is called. */
  listen(listener: SpansListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves with all spans once the condition holds; rejects with `WAIT_TIMEOUT`, telling what had come. */
  waitForSpans(condition: SpanCondition, timeoutMs = 5000): Promise<readonly CollectedSpan[]> {
    const isMet = (): boolean =>
      typeof condition === 'number' ? this.#spans.length >= condition : condition(this.#spans)
    if (isMet()) return Promise.resolve(this.#spans)
    return new Promise((resolve, reject) => {
      const stop = this.listen(() => {
        if (!isMet()) return
        clearTimeout(timer)
        stop()
        resolve(this.#spans)
      })
      const timer = setTimeout(() => {
        stop()
        reject(new CollectorError('WAIT_TIMEOUT', this.#describeWait(condition, timeoutMs)))
      }, timeoutMs)
    })
  }

  #describeWait(condition: SpanCondition, timeoutMs: number): string {
    const expected = typeof condition === 'number' ? `${condition} spans` : 'the awaited spans'
    const names = this.#spans.map(span => span.name).join(', ') || 'none'
    return `expected ${expected} within ${timeoutMs} ms, got ${names}`
  }
}

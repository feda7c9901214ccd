// Ships what the buffer holds, in the time between an answer and the request for the next event. Whatever the collector
// does, the function goes on: a failed export is tried again later, less and less often, and is logged once.
import type { Log } from '../../runtime/contract.ts'
import type { Span } from '../trace/span.ts'
import type { RequestHead } from './otlp-encoder.ts'
import type { Batch, SpanBuffer } from './span-buffer.ts'
import type { Transport } from './transport.ts'

/** Left of the invocation's time when an export gives up: the next event must still be asked for. */
const RESERVE_MS = 100
const FIRST_BACKOFF_MS = 1000
const MAX_BACKOFF_MS = 60_000

export interface ExporterOptions {
  readonly buffer: SpanBuffer
  /** The resource and scope that every batch begins with. */
  readonly head: RequestHead
  readonly transport: Transport
  readonly timeoutMs: number
  readonly log: Log
  /** Epoch milliseconds. */
  readonly nowMs: () => number
}

/**
 * States: healthy (ships whenever it can) and backing off (holds until `#retryAtMs`), moved by each export's result. One
 * export at a time: what is asked for meanwhile, by invocations that run side by side, follows it.
 */
export class Exporter {
  readonly #options: ExporterOptions
  #backoffMs = 0
  #retryAtMs = 0
  #isWarned = false
  /** The batch on its way to the collector, and its end: whether the buffer is rid of it. */
  #underWay: { readonly batch: Batch; readonly done: Promise<boolean> } | undefined
  #isWanted = false

  constructor(options: ExporterOptions) {
    this.#options = options
  }

  add(span: Span): void {
    this.#options.buffer.add(span)
  }

  /** Ships within the invocation's deadline; `undefined` when there is nothing to wait for. Never rejects. */
  ship(deadlineMs: number): Promise<void> | undefined {
    const { buffer, timeoutMs, nowMs } = this.#options
    if (this.#underWay !== undefined) {
      this.#isWanted = true
      return undefined
    }
    if (buffer.isEmpty || nowMs() < this.#retryAtMs) return undefined
    // A Runtime API that names no deadline sets none.
    const leftMs = deadlineMs === 0 ? timeoutMs : deadlineMs - nowMs() - RESERVE_MS
    const budgetMs = Math.min(timeoutMs, leftMs)
    return budgetMs > 0 ? this.#export(budgetMs) : undefined
  }

  /**
   * The last chance: ships at once what no export under way carries already, whatever was decided after earlier
   * failures, and waits for both. Never rejects.
   */
  async flush(budgetMs: number): Promise<void> {
    const { buffer, head, transport, log } = this.#options
    const rest = buffer.batch(this.#underWay?.batch)
    this.#isWanted = false
    const [isOldest, result] = await Promise.all([
      this.#underWay?.done ?? true,
      rest.count === 0 ? undefined : transport.send({ head, ...rest }, budgetMs),
    ])
    if (result === undefined) return
    if (result.status !== 'accepted') {
      log.warn(`baton: ${rest.count} spans could not be exported at the end: ${result.reason}`)
    } else if (isOldest) buffer.remove(rest)
  }

  async #export(budgetMs: number): Promise<void> {
    this.#isWanted = false
    const batch = this.#options.buffer.batch()
    const done = this.#exportBatch(batch, budgetMs)
    this.#underWay = { batch, done }
    await done
    this.#underWay = undefined
    if (this.#isWanted) void this.ship(0)
  }

  async #exportBatch(batch: Batch, budgetMs: number): Promise<boolean> {
    const { buffer, head, transport, nowMs } = this.#options
    const result = await transport.send({ head, ...batch }, budgetMs)
    if (result.status !== 'retry') buffer.remove(batch)
    if (result.status === 'accepted') {
      this.#backoffMs = 0
      return true
    }
    this.#backoffMs = Math.min(MAX_BACKOFF_MS, this.#backoffMs * 2 || FIRST_BACKOFF_MS)
    this.#retryAtMs = nowMs() + this.#backoffMs
    this.#warn(
      result.status === 'rejected'
        ? `${batch.count} spans were refused: ${result.reason}`
        : `spans could not be exported yet: ${result.reason}`,
    )
    return result.status === 'rejected'
  }

  /** Once a process: a collector that is down would otherwise write a line for every invocation. */
  #warn(message: string): void {
    if (this.#isWarned) return
    this.#isWarned = true
    this.#options.log.warn(`baton: ${message} (said once; the function is not affected)`)
  }
}

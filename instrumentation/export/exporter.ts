// One way to one collector. Whatever the collector does, the function goes on: a failed export is tried again later,
// less and less often, and is logged once.
import type { Log } from '../../runtime/contract.ts'
import type { Arrivals } from './arrivals.ts'
import type { Backlog, Parcel } from './backlog.ts'
import type { Circuit } from './circuit.ts'
import type { SendResult, Transport } from './transport.ts'

export interface ExporterOptions {
  readonly transport: Transport
  readonly backlog: Backlog
  readonly circuit: Circuit
  /** What is expected of the next event and of this collector. */
  readonly arrivals: Arrivals
  /** Of one request. */
  readonly timeoutMs: number
  /** Spans in one request at most. */
  readonly maxBatchSpans: number
  /** Told whenever spans need nothing more of this collector. */
  readonly onProgress: () => void
  /** Told of spans that this collector will never get. */
  readonly onDrop: (count: number) => void
  readonly log: Log
  /** Epoch milliseconds. */
  readonly nowMs: () => number
}

/**
 * States: idle -> `start()` -> sending, parcel after parcel, until nothing is held or one fails -> idle. One request at a
 * time; what is added meanwhile follows it.
 */
export class Exporter {
  readonly backlog: Backlog
  readonly arrivals: Arrivals
  readonly #options: ExporterOptions
  #attempts = 0
  #isWarned = false
  #isFlushing = false
  #underWay: { parcel: Parcel; readonly over: Promise<void> } | undefined

  constructor(options: ExporterOptions) {
    this.#options = options
    this.backlog = options.backlog
    this.arrivals = options.arrivals
  }

  /** The collector has not answered well since its last failure: nobody is to wait for it. */
  get isFailing(): boolean {
    return this.#options.circuit.isFailing
  }

  get isSending(): boolean {
    return this.#underWay !== undefined
  }

  /** The collector is to be left alone for now. */
  get isLeftAlone(): boolean {
    return this.#options.circuit.isOpen(this.#options.nowMs())
  }

  /** It takes too long: until it has answered, nobody waits for it. */
  loseFaith(): void {
    const { circuit, nowMs } = this.#options
    circuit.fail(nowMs())
  }

  /** Sends what is held, or goes on sending it; the end of that. Never rejects. */
  start(): Promise<void> {
    if (this.#underWay !== undefined) return this.#underWay.over
    const parcel = this.backlog.next(this.#options.maxBatchSpans)
    if (parcel === undefined) return Promise.resolve()
    // `#sendAll` runs up to its first wait before `#underWay` is set: what it needs there it is given.
    const over = this.#sendAll(parcel)
    this.#underWay = { parcel, over }
    return over
  }

  /**
   * The last chance: sends at once, whatever was decided after earlier failures, what no request under way carries
   * already, and waits for both. Never rejects.
   */
  async flush(budgetMs: number): Promise<void> {
    // One that has taken too long may never end: what it carries is sent once more.
    const underWay = this.isFailing ? undefined : this.#underWay
    const rest = this.backlog.rest(underWay?.parcel)
    this.#isFlushing = true
    const sent = rest.map(parcel => this.#options.transport.send(parcel, budgetMs))
    await underWay?.over
    for (const [index, parcel] of rest.entries()) {
      const result = await sent[index]
      // With one before it still held it is held as well: whoever finds the journal sends both again.
      if (result?.status === 'accepted') this.#forget(parcel)
      else if (result !== undefined) this.#warnOfEnd(parcel, result.reason)
    }
    this.#isFlushing = false
  }

  #warnOfEnd({ count }: Parcel, reason: string): void {
    this.#options.log.warn(`baton: ${count} spans could not be exported at the end: ${reason}`)
  }

  async #sendAll(first: Parcel): Promise<void> {
    const { maxBatchSpans } = this.#options
    let parcel: Parcel | undefined = first
    while (parcel !== undefined) {
      const isGone = await this.#send(parcel)
      parcel = isGone && !this.#isFlushing ? this.backlog.next(maxBatchSpans) : undefined
      if (this.#underWay !== undefined && parcel !== undefined) this.#underWay.parcel = parcel
    }
    this.#underWay = undefined
  }

  /** Whether the next parcel may follow at once. */
  async #send(parcel: Parcel): Promise<boolean> {
    const { transport, circuit, timeoutMs, nowMs } = this.#options
    const startMs = nowMs()
    const result = await transport.send(parcel, timeoutMs)
    const endMs = nowMs()
    if (result.status === 'accepted') {
      circuit.succeed()
      this.arrivals.exported(startMs, endMs)
      this.#attempts = 0
      this.#forget(parcel)
      if (result.refused !== undefined) this.#drop(result.refused.count, result.refused.reason)
      return true
    }
    this.#attempts++
    circuit.fail(endMs, result.status === 'retry' ? result.afterMs : undefined)
    if (isFinal(result, this.#attempts)) {
      this.#attempts = 0
      this.#forget(parcel)
      this.#drop(parcel.count, result.reason)
    } else this.#warn(`spans could not be exported yet: ${result.reason}`)
    return false
  }

  #forget(parcel: Parcel): void {
    this.backlog.forget(parcel)
    this.#options.onProgress()
  }

  #drop(count: number, reason: string): void {
    this.#options.onDrop(count)
    this.#warn(`${count} spans were refused: ${reason}`)
  }

  /** Once a process: a collector that is down would otherwise write a line for every invocation. */
  #warn(message: string): void {
    if (this.#isWarned) return
    this.#isWarned = true
    this.#options.log.warn(`baton: ${message} (said once; the function is not affected)`)
  }
}

function isFinal(result: Exclude<SendResult, { status: 'accepted' }>, attempts: number): boolean {
  return (
    result.status === 'rejected' ||
    (result.maxAttempts !== undefined && attempts >= result.maxAttempts)
  )
}

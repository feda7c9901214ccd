// What one collector has not taken yet, in order: what an earlier process left; then what this one holds in memory; then,
// when an outage has filled that, what only the journal holds.
import type { RequestHead } from './otlp-encoder.ts'
import type { Batch, SpanBuffer } from './span-buffer.ts'
import type { SpanBatch } from './transport.ts'

/** Finished spans out of the journal, from a number on; spans are numbered from the process's start. */
export type ReadJournal = (from: number) => Batch & {
  /** Spans from that number on that the journal had to give up. */
  readonly lost: number
}

/** A batch on its way, and where it stands. */
export interface Parcel extends SpanBatch {
  readonly origin: 'recovered' | 'memory' | 'journal'
  /** The number of its first span, where it is of this process. */
  readonly first: number
}

export interface BacklogOptions {
  readonly buffer: SpanBuffer
  /** The resource and scope of this process's spans. */
  readonly head: RequestHead
  /** What finds no room in memory stands there, unless that had no room either. */
  readonly hasJournal: boolean
  readonly readJournal: ReadJournal
  /** Told of spans that the collector will never get. */
  readonly onDrop: (count: number) => void
  /** Epoch milliseconds. */
  readonly nowMs: () => number
}

export class Backlog {
  readonly #options: BacklogOptions
  readonly #recovered: SpanBatch[] = []
  /** Spans after those in memory, some of which the journal may not have; while there are any, new ones go behind. */
  #inJournal = 0
  /** Spans that were dropped after what is held. */
  #lostAtEnd = 0
  /** Spans of this process that need nothing more: their numbers are below this one. */
  done = 0
  #oldestMs = 0

  constructor(options: BacklogOptions) {
    this.#options = options
  }

  get spans(): number {
    const recovered = this.#recovered.reduce((sum, batch) => sum + batch.count, 0)
    return recovered + this.#options.buffer.count + this.#inJournal
  }

  /** When the oldest of what is held came, as far as that is known; `undefined` when nothing is held. */
  get oldestMs(): number | undefined {
    return this.#isEmpty ? undefined : this.#oldestMs
  }

  /** How full memory is, 0 to 1. */
  get share(): number {
    return this.#options.buffer.share
  }

  get hasRecovered(): boolean {
    return this.#recovered.length > 0
  }

  /** Takes one encoded span. One that has no room is left to the journal, or dropped. */
  add(span: Uint8Array): void {
    const { buffer, hasJournal, onDrop, nowMs } = this.#options
    if (this.#isEmpty) this.#oldestMs = nowMs()
    if (this.#inJournal === 0 && buffer.add(span)) return
    if (hasJournal) this.#inJournal++
    else {
      this.#lostAtEnd++
      this.#skipLost()
      onDrop(1)
    }
  }

  addRecovered(batch: SpanBatch): void {
    if (this.#isEmpty) this.#oldestMs = this.#options.nowMs()
    this.#recovered.push(batch)
  }

  /** The oldest that is held; it stays held until `forget`. */
  next(maxSpans: number): Parcel | undefined {
    const { buffer, head } = this.#options
    const [recovered] = this.#recovered
    const first = this.done
    if (recovered !== undefined) return { ...recovered, origin: 'recovered', first }
    if (buffer.count > 0) return { head, ...buffer.batch(maxSpans), origin: 'memory', first }
    const batch = this.#readJournal()
    return batch && { head, ...batch, origin: 'journal', first: this.done }
  }

  /** All but the parcel that is under way, without what only the journal holds. */
  rest(underWay: Parcel | undefined): readonly Parcel[] {
    const { buffer, head } = this.#options
    const isFirst = underWay?.origin === 'recovered'
    const parcels: Parcel[] = this.#recovered
      .slice(isFirst ? 1 : 0)
      .map(batch => ({ ...batch, origin: 'recovered', first: this.done }))
    const after = underWay?.origin === 'memory' ? underWay : undefined
    const batch = buffer.batch(Number.POSITIVE_INFINITY, after)
    const first = this.done + (after?.count ?? 0)
    if (batch.count > 0) parcels.push({ head, ...batch, origin: 'memory', first })
    return parcels
  }

  /** A parcel needs nothing more; without effect when that was known, or when older spans are still held. */
  forget(parcel: Parcel): void {
    if (parcel.origin === 'recovered') {
      if (this.#recovered[0]?.spans === parcel.spans) this.#recovered.shift()
    } else if (parcel.first === this.done) {
      this.done += parcel.count
      if (parcel.origin === 'memory') this.#options.buffer.remove(parcel)
      else this.#inJournal -= parcel.count
    }
    this.#oldestMs = this.#options.nowMs()
    this.#skipLost()
  }

  /** Their numbers are above those of what is held: they are passed when nothing is held any more. */
  #skipLost(): void {
    if (this.#options.buffer.count + this.#inJournal > 0) return
    this.done += this.#lostAtEnd
    this.#lostAtEnd = 0
  }

  get #isEmpty(): boolean {
    return this.#recovered.length === 0 && this.#options.buffer.count + this.#inJournal === 0
  }

  #readJournal(): Batch | undefined {
    const { readJournal, onDrop } = this.#options
    while (this.#inJournal > 0) {
      const { lost, ...batch } = readJournal(this.done)
      // A journal that has turned itself off gives nothing back at all.
      const gone = lost === 0 && batch.count === 0 ? this.#inJournal : lost
      if (gone > 0) {
        this.done += gone
        this.#inJournal -= gone
        onDrop(gone)
      }
      if (batch.count > 0) return batch
    }
    return undefined
  }
}

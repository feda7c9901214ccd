// When spans leave the process: after an answer, across the request for the next event, later with others, or at the end.
// Spans come in once, as bytes, and go to the journal and to every collector.
import type { Log } from '../../runtime/contract.ts'
import type { Span } from '../trace/span.ts'
import { ByteWriter } from './byte-writer.ts'
import type { Exporter } from './exporter.ts'
import type { Journaling } from './journaling.ts'
import { encodeSpan } from './otlp-encoder.ts'
import {
  decideShipping,
  RESERVE_MS,
  type ShipFacts,
  type ShipOptions,
  shipByMs,
  waitLimitMs,
} from './policy.ts'

export interface ShipperOptions {
  readonly exporters: readonly Exporter[]
  readonly journaling: Journaling
  readonly policy: ShipOptions
  /** The process may stop as soon as the next event is asked for; false where events are served side by side. */
  readonly mayFreeze: boolean
  readonly log: Log
  /** Epoch milliseconds. */
  readonly nowMs: () => number
}

/** For what must leave the process after its last answer, when nothing else says how long it may take. */
const LAST_BUDGET_MS = 1000

/** A longer timer fires at once; no export takes as long. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** On the next span after spans were lost: how many. */
const ATTR_DROPPED_SPANS = 'baton.dropped_spans'

export class Shipper {
  readonly #options: ShipperOptions
  readonly #writer = new ByteWriter()
  /** Spans that were lost and that no span has told of yet. */
  #dropped = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: ShipperOptions) {
    this.#options = options
  }

  /** An event has come. */
  arrived(): void {
    const { exporters, mayFreeze, nowMs } = this.#options
    const now = nowMs()
    if (mayFreeze) for (const { arrivals } of exporters) arrivals.arrived(now)
    // After a freeze spans may have waited for long; the handler goes first.
    if (exporters.some(each => this.#isOverdue(each, now))) {
      setImmediate(() => this.#shipOverdue(nowMs()))
    }
  }

  /** Takes an ended span. */
  add(span: Span): void {
    const { exporters, journaling } = this.#options
    const told = this.#dropped > 0 && this.#isWell ? this.#tellDrops(span) : 0
    const writer = this.#writer
    encodeSpan(writer, span)
    const bytes = writer.view()
    journaling.end(span, bytes)
    for (const { backlog } of exporters) backlog.add(bytes)
    writer.truncate(0)
    if (told > 0) this.#settleDrops(told)
    this.#arm()
  }

  /** Told of spans that a collector will never get. */
  countDrops(count: number): void {
    this.#dropped += count
  }

  /**
   * After an answer, before the next event is asked for: the end of what is to be waited for, `undefined` for nothing.
   * Nothing will be asked for after the last. Never rejects.
   */
  beforeNext(deadlineMs: number, isLast: boolean): Promise<void> | undefined {
    const { exporters, mayFreeze, nowMs } = this.#options
    const startMs = nowMs()
    const leftMs = deadlineMs === 0 ? Number.POSITIVE_INFINITY : deadlineMs - startMs
    if (isLast) return this.flush(Math.min(LAST_BUDGET_MS, leftMs - RESERVE_MS))
    const waited = this.#start(startMs, leftMs)
    const asked = (): void => {
      const now = nowMs()
      if (mayFreeze) for (const { arrivals } of exporters) arrivals.asked(now)
      if (this.#isEmpty) this.#disarm()
    }
    if (waited !== undefined) return waited.then(asked)
    asked()
    return undefined
  }

  /** The last chance: everything is sent at once and waited for. Never rejects. */
  async flush(budgetMs: number): Promise<void> {
    if (budgetMs <= 0) return
    const flushed = Promise.all(this.#options.exporters.map(each => each.flush(budgetMs)))
    await within(budgetMs, flushed)
  }

  #start(nowMs: number, leftMs: number): Promise<void> | undefined {
    const { exporters, policy } = this.#options
    const waits: Promise<void>[] = []
    for (const exporter of exporters) {
      if (exporter.isLeftAlone) continue
      const facts = this.#facts(exporter, nowMs, leftMs)
      const decision = decideShipping(facts, policy)
      if (decision === 'hold') continue
      const over = exporter.start()
      if (decision === 'now') waits.push(wait(exporter, over, waitLimitMs(facts, policy)))
    }
    return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined)
  }

  #facts({ backlog, arrivals, isFailing }: Exporter, nowMs: number, leftMs: number): ShipFacts {
    const { gapMs, longGapShare, exportMs } = arrivals
    return {
      nowMs,
      oldestMs: backlog.oldestMs,
      heldSpans: backlog.spans,
      heldShare: backlog.share,
      gapMs,
      longGapShare,
      runMs: arrivals.runMs(nowMs),
      exportMs,
      leftMs,
      isFailing,
      mayFreeze: this.#options.mayFreeze,
    }
  }

  /** While an invocation takes long nothing else would ship what ends in it. */
  #arm(): void {
    if (this.#timer !== undefined) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#shipOverdue(this.#options.nowMs())
      if (!this.#isEmpty) this.#arm()
    }, this.#options.policy.maxDelayMs)
    this.#timer.unref()
  }

  #disarm(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  get #isEmpty(): boolean {
    return this.#options.exporters.every(({ backlog }) => backlog.oldestMs === undefined)
  }

  #shipOverdue(nowMs: number): void {
    for (const exporter of this.#options.exporters) {
      if (this.#isOverdue(exporter, nowMs)) void exporter.start()
    }
  }

  #isOverdue({ backlog, isLeftAlone }: Exporter, nowMs: number): boolean {
    const { oldestMs } = backlog
    if (oldestMs === undefined || nowMs < shipByMs(oldestMs, this.#options.policy)) return false
    return !isLeftAlone
  }

  /** Only then is a span that tells of losses likely to arrive. */
  get #isWell(): boolean {
    return this.#options.exporters.every(({ isFailing }) => !isFailing)
  }

  /** Has the span tell how many were lost before it; how many. */
  #tellDrops(span: Span): number {
    const count = this.#dropped
    span.attributes.push(ATTR_DROPPED_SPANS, count)
    this.#dropped = 0
    return count
  }

  /** The span that tells of losses was lost itself, or the losses are told. */
  #settleDrops(told: number): void {
    if (this.#dropped > 0) this.#dropped += told
    else this.#options.log.warn(`baton: ${told} spans were dropped, as they could not be exported`)
  }
}

/** Waits as long as that is worth it; a collector that takes longer is not waited for again before it has answered. */
async function wait(exporter: Exporter, over: Promise<void>, limitMs: number): Promise<void> {
  const isOver = await within(limitMs, over)
  if (!isOver) exporter.loseFaith()
}

/** Whether the work was over in time. The wait keeps the process alive; the work alone does not. */
async function within(budgetMs: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const isTimeUp = new Promise<boolean>(resolve => {
    timer = setTimeout(resolve, Math.min(Math.max(0, budgetMs), MAX_TIMER_MS), false)
  })
  const isOver = await Promise.race([work.then(() => true), isTimeUp])
  clearTimeout(timer)
  return isOver
}

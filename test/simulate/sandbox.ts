// One sandbox as Lambda runs it: it works on an event, is billed until it asks for the next one, and is frozen from then
// until that comes. It ends by SIGTERM after some idle minutes, or with its host, by nothing.
import { Arrivals } from '../../instrumentation/export/arrivals.ts'
import {
  decideShipping,
  type ShipFacts,
  type ShipOptions,
  shipByMs,
  waitLimitMs,
} from '../../instrumentation/export/policy.ts'

export interface World {
  /** The collector's time for a request. */
  readonly exportMs: number
  /** Processor time of an export: until its request is away, and for the answer. */
  readonly sendCpuMs: number
  readonly answerCpuMs: number
  readonly timeoutMs: number
  readonly spansPerInvocation: number
  /** What the buffer holds; spans beyond it are dropped. */
  readonly maxSpans: number
  /** Between SIGTERM and the end. */
  readonly shutdownMs: number
}

/** What one policy cost and what it gave. */
export interface Ledger {
  invocations: number
  billedAddedMs: number
  requests: number
  /** Invocations whose spans never left. */
  lost: number
  /** Invocations whose spans were sent, but the sandbox was gone before the answer came. */
  unconfirmed: number
  /** From the end of an invocation until the collector has its spans; one entry an invocation, all its spans alike. */
  readonly delaysMs: number[]
}

/** Decides as the exporter does; `never` is what a policy without any export until shutdown does. */
export type Policy = ShipOptions | 'never'

interface Export {
  readonly ends: readonly number[]
  readonly startedMs: number
  /** When the whole request had left; a freeze before that keeps it. */
  sentMs: number | undefined
}

export class Sandbox {
  readonly #world: World
  readonly #policy: Policy
  readonly #ledger: Ledger
  readonly #arrivals: Arrivals
  /** When each held invocation ended, oldest first. */
  #held: number[] = []
  #underWay: Export | undefined
  /** What is held is to leave when the export under way is done. */
  #isWanted = false
  /** Since then frozen, until the next event. */
  askedMs = 0

  constructor(world: World, policy: Policy, ledger: Ledger) {
    this.#world = world
    this.#policy = policy
    this.#ledger = ledger
    this.#arrivals = new Arrivals(policy === 'never' ? Number.POSITIVE_INFINITY : policy.maxDelayMs)
  }

  /** An event comes; the sandbox is busy until `askedMs`. */
  serve(arrivedMs: number, handlerMs: number): void {
    this.#arrivals.arrived(arrivedMs)
    const endMs = arrivedMs + handlerMs + this.#background(arrivedMs, arrivedMs + handlerMs)
    this.#end(endMs)
    this.askedMs = endMs + this.#ship(endMs, arrivedMs + this.#world.timeoutMs)
    this.#arrivals.asked(this.askedMs)
    this.#ledger.invocations++
    this.#ledger.billedAddedMs += Math.ceil(this.askedMs - arrivedMs) - Math.ceil(handlerMs)
  }

  /** SIGTERM: thawed for the shutdown's window, in which all that is held is shipped. */
  shutDown(nowMs: number): void {
    const { exportMs, shutdownMs, sendCpuMs } = this.#world
    this.#settle(nowMs)
    const late = [...(this.#underWay?.ends ?? []), ...this.#held]
    const doneMs = sendCpuMs + exportMs
    if (doneMs > shutdownMs) this.#ledger.unconfirmed += late.length
    this.#accept(late, nowMs + doneMs)
  }

  /** The host is gone. What the collector was sent is there, nothing else. */
  kill(): void {
    this.#settle(Number.POSITIVE_INFINITY)
    this.#ledger.lost += (this.#underWay?.ends.length ?? 0) + this.#held.length
  }

  /** What goes on beside the handler; answers with the processor time that it takes from it. */
  #background(thawMs: number, untilMs: number): number {
    const { sendCpuMs, answerCpuMs, exportMs } = this.#world
    let cpuMs = 0
    let freeMs = thawMs
    if (this.#underWay !== undefined) {
      // Frozen before it was sent: the request leaves now. Its processor time was billed when it was written.
      this.#underWay.sentMs ??= thawMs
      freeMs = Math.max(thawMs, this.#underWay.sentMs + exportMs)
      if (freeMs > untilMs) return 0
      this.#settle(freeMs)
      cpuMs += answerCpuMs
    }
    const dueMs = this.#dueMs()
    if (dueMs > untilMs || freeMs > untilMs) return cpuMs
    const startedMs = Math.max(freeMs, dueMs)
    this.#start(startedMs, startedMs + sendCpuMs)
    if (startedMs + exportMs > untilMs) return cpuMs + sendCpuMs
    this.#settle(startedMs + sendCpuMs + exportMs)
    return cpuMs + sendCpuMs + answerCpuMs
  }

  #dueMs(): number {
    const [oldestMs] = this.#held
    if (oldestMs === undefined || this.#policy === 'never') return Number.POSITIVE_INFINITY
    return this.#isWanted ? oldestMs : shipByMs(oldestMs, this.#policy)
  }

  #end(endMs: number): void {
    const { maxSpans, spansPerInvocation } = this.#world
    if (this.#heldSpans() + spansPerInvocation > maxSpans) this.#ledger.lost++
    else this.#held.push(endMs)
  }

  /** After the answer; says for how long the next event is not asked for. */
  #ship(nowMs: number, deadlineMs: number): number {
    if (this.#policy === 'never') return 0
    const facts = this.#facts(nowMs, deadlineMs - nowMs)
    const decision = decideShipping(facts, this.#policy)
    if (decision === 'hold') return 0
    if (decision === 'overlap') {
      // One export at a time: what comes meanwhile follows it.
      if (this.#underWay !== undefined) {
        this.#isWanted = true
        return 0
      }
      this.#start(nowMs, undefined)
      return this.#world.sendCpuMs
    }
    return this.#wait(nowMs, waitLimitMs(facts, this.#policy))
  }

  /** First for what is under way, then for the rest; what it is too long for goes on after the next event came. */
  #wait(nowMs: number, limitMs: number): number {
    const { sendCpuMs, answerCpuMs, exportMs } = this.#world
    const untilMs = nowMs + limitMs
    const { sentMs: earlierMs = nowMs } = this.#underWay ?? {}
    const startedMs = this.#underWay === undefined ? nowMs : Math.max(nowMs, earlierMs + exportMs)
    if (startedMs + sendCpuMs > untilMs) return limitMs
    this.#settle(startedMs)
    this.#start(startedMs, startedMs + sendCpuMs)
    const doneMs = startedMs + sendCpuMs + exportMs
    if (doneMs + answerCpuMs > untilMs) return limitMs
    this.#settle(doneMs)
    return doneMs + answerCpuMs - nowMs
  }

  #facts(nowMs: number, leftMs: number): ShipFacts {
    const arrivals = this.#arrivals
    const heldSpans = this.#heldSpans()
    return {
      nowMs,
      oldestMs: this.#held[0],
      heldSpans,
      heldShare: heldSpans / this.#world.maxSpans,
      gapMs: arrivals.gapMs,
      longGapShare: arrivals.longGapShare,
      runMs: arrivals.runMs(nowMs),
      exportMs: arrivals.exportMs,
      leftMs,
      isFailing: false,
      mayFreeze: true,
    }
  }

  /** The buffer keeps what is under way until the collector has it. */
  #heldSpans(): number {
    const invocations = this.#held.length + (this.#underWay?.ends.length ?? 0)
    return invocations * this.#world.spansPerInvocation
  }

  #start(startedMs: number, sentMs: number | undefined): void {
    this.#isWanted = false
    this.#ledger.requests++
    this.#underWay = { ends: this.#held, startedMs, sentMs }
    this.#held = []
  }

  /** The export under way is done where its answer has come by then. The collector works on while the sandbox is frozen. */
  #settle(nowMs: number): void {
    const { sentMs, ends, startedMs } = this.#underWay ?? {}
    if (sentMs === undefined || ends === undefined || startedMs === undefined) return
    if (sentMs + this.#world.exportMs > nowMs) return
    this.#underWay = undefined
    this.#accept(ends, sentMs + this.#world.exportMs)
    this.#arrivals.exported(startedMs, nowMs)
  }

  #accept(ends: readonly number[], visibleMs: number): void {
    for (const endMs of ends) this.#ledger.delaysMs.push(visibleMs - endMs)
  }
}

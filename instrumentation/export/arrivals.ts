// What is expected of the next event and of the next export, from those before: a dozen numbers, whatever happens.
// Events come in bursts and by schedules, so the chance of a long wait is kept apart for each place in a burst.

/** Newest value's share in an average. */
const GAP_WEIGHT = 1 / 8
const EXPORT_WEIGHT = 1 / 4

/** Waits that a share remembers: enough to see one in fifty, few enough to follow the hours of a day. */
const SHARE_MEMORY = 64

/**
 * Places in a burst that are told apart: its first event, the second, the third, all later ones. So the end of a pair or
 * of three is foreseen. More places have to be learned anew by every process, which costs more than they tell.
 */
const PLACES = 4

/** At a place where no event was seen yet. A process's first event stands for a lonely one: a break is expected. */
const ASSUMED_LONG_SHARE = 0.1

/** Exports in a row whose round trip a freeze has spoilt, after which the last one measured says nothing any more. */
const MAX_UNMEASURED = 32

/** Observed by one process that serves one invocation at a time. Every clock is the caller's. */
export class Arrivals {
  readonly #longGapMs: number
  /** By place: how often a wait after it was a break. What is not known yet counts as one wait, of the share set here. */
  readonly #longShares: Float64Array = new Float64Array(PLACES).fill(ASSUMED_LONG_SHARE)
  readonly #waits: Uint8Array = new Uint8Array(PLACES).fill(1)
  #place = 0
  #askedMs: number | undefined
  #runStartMs: number | undefined
  #gapMs: number | undefined
  #exportMs: number | undefined
  #unmeasured = 0

  /** A gap longer than that is a break: spans that were held over it came late. */
  constructor(longGapMs: number) {
    this.#longGapMs = longGapMs
    this.#longShares[0] = 1
  }

  /** The next event is asked for: from here on the sandbox may freeze. */
  asked(nowMs: number): void {
    this.#askedMs = nowMs
  }

  /** An event came. */
  arrived(nowMs: number): void {
    const askedMs = this.#askedMs
    // The first event of a process ends its init, not a wait.
    if (askedMs === undefined || this.#runStartMs === undefined) {
      this.#runStartMs = nowMs
      return
    }
    const gapMs = nowMs - askedMs
    const isLong = gapMs > this.#longGapMs
    this.#learn(isLong)
    if (isLong) {
      this.#place = 0
      this.#runStartMs = nowMs
      return
    }
    this.#place = Math.min(this.#place + 1, PLACES - 1)
    this.#gapMs = average(this.#gapMs, gapMs, GAP_WEIGHT)
  }

  /** An export ended, or was waited for long enough. One that the last wait interrupted may have been frozen in it. */
  exported(startedMs: number, nowMs: number): void {
    if (this.#askedMs === undefined || startedMs > this.#askedMs) {
      this.#exportMs = average(this.#exportMs, nowMs - startedMs, EXPORT_WEIGHT)
      this.#unmeasured = 0
    } else if (++this.#unmeasured >= MAX_UNMEASURED) this.#exportMs = undefined
  }

  /** Expected wait for the next event, breaks left out. */
  get gapMs(): number | undefined {
    return this.#gapMs
  }

  /** Probability that the next wait is a break. */
  get longGapShare(): number {
    return this.#longShares[this.#place] ?? 1
  }

  /** Expected round trip of an export that is waited for. */
  get exportMs(): number | undefined {
    return this.#exportMs
  }

  /** How long events have come without a break. */
  runMs(nowMs: number): number {
    return nowMs - (this.#runStartMs ?? nowMs)
  }

  /** An average over all waits at this place until there are many, then one that forgets. */
  #learn(isLong: boolean): void {
    const place = this.#place
    const waits = Math.min((this.#waits[place] ?? 0) + 1, SHARE_MEMORY)
    this.#waits[place] = waits
    this.#longShares[place] = average(this.#longShares[place], isLong ? 1 : 0, 1 / waits)
  }
}

function average(before: number | undefined, value: number, weight: number): number {
  return before === undefined ? value : before + (value - before) * weight
}

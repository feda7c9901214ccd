// When held spans are shipped, decided after each answer. Waiting for the collector is billed; not waiting costs
// nothing but may leave spans in a frozen sandbox until its next event. `npm run simulate` runs these functions.

/**
 * - `now`: await the export, then ask for the next event.
 * - `overlap`: start it and ask at once; it proceeds under the next invocation.
 * - `hold`: keep the spans.
 */
export type ShipDecision = 'now' | 'overlap' | 'hold'

/** `auto` decides by what was seen; the others never change: wait always, never wait, or never wait and batch. */
export const SHIP_MODES = ['auto', 'now', 'overlap', 'batch'] as const
export type ShipMode = (typeof SHIP_MODES)[number]

export interface ShipFacts {
  readonly nowMs: number
  /** When the oldest held span ended, on the same clock; `undefined` when none is held. */
  readonly oldestMs: number | undefined
  readonly heldSpans: number
  /** How full the buffer is, 0 to 1, by spans or by bytes, whichever is more. */
  readonly heldShare: number
  /** Expected until the next event is there, breaks left out; `undefined` before any was seen. See `Arrivals`. */
  readonly gapMs: number | undefined
  /** Probability, 0 to 1, of a break: that the next event comes later than `maxDelayMs`; 1 while nothing is known. */
  readonly longGapShare: number
  /** How long events have come without a break. */
  readonly runMs: number
  /** Expected round trip of an export; `undefined` before any was measured. */
  readonly exportMs: number | undefined
  /** Of the invocation's time; Infinity where there is no deadline. */
  readonly leftMs: number
  /** The collector refused or was silent, and one export shall find out whether that is over. */
  readonly isFailing: boolean
  /** False on Managed Instances: there an export goes on by itself. */
  readonly mayFreeze: boolean
}

export interface ShipOptions {
  readonly mode: ShipMode
  readonly maxDelayMs: number
  /** Spans of one export: so many held are reason enough. */
  readonly maxBatchSpans: number
}

/** OpenTelemetry's default for its batch processor, and what `npm run simulate` speaks for: docs/shipping.md. */
export const DEFAULT_MAX_DELAY_MS = 5000

/** Left of an invocation's time when a wait for the collector ends: the next event must still be asked for. */
export const RESERVE_MS = 100

/** Billed milliseconds that it is worth when one invocation's spans are not late. Chosen with `npm run simulate`. */
const WORTH_MS = 250

/** For one export in `auto`: no spans are worth more. */
const MAX_WAIT_MS = 1000

/** What a round trip is taken for until one was measured. */
const ASSUMED_EXPORT_MS = 100

/** From here on waiting is better than running into the buffer's bound: what finds no room is lost. */
const FULL_SHARE = 0.5

/** Of the longest delay, what `auto` batches at most. Longer batches save next to nothing: docs/shipping.md. */
const BATCH_SHARE = 0.2

/**
 * Of the time that events have come without a break, what `auto` holds at most. Nobody sees the last event of a burst
 * coming: what is frozen with the sandbox then is one hundredth of the burst, or its last invocation.
 */
const RUN_SHARE = 0.01

/** What to do with the held spans when an invocation was answered. */
export function decideShipping(facts: ShipFacts, options: ShipOptions): ShipDecision {
  if (facts.oldestMs === undefined) return 'hold'
  switch (options.mode) {
    case 'now':
      return canWait(facts) ? 'now' : 'overlap'
    case 'overlap':
      return 'overlap'
    case 'batch':
      return isDue(facts, options, options.maxDelayMs) ? 'overlap' : 'hold'
    case 'auto':
      if (isWorthWaiting(facts) && canWait(facts)) return 'now'
      return isDue(facts, options, batchMs(facts, options)) ? 'overlap' : 'hold'
  }
}

/**
 * How long `now` may wait; after that the export goes on as under `overlap`. In `auto` at most a second: that is
 * what a collector costs that has just become slow.
 */
export function waitLimitMs(facts: ShipFacts, options: ShipOptions): number {
  const leftMs = facts.leftMs - RESERVE_MS
  return options.mode === 'auto' ? Math.min(leftMs, MAX_WAIT_MS) : leftMs
}

/**
 * When spans that are still held must leave although no invocation has been answered: looked at when an event arrives,
 * which may be after a freeze, and by a timer while a long invocation runs. Modes that hold nothing have only what
 * another export was in the way of.
 */
export function shipByMs(oldestMs: number, { mode, maxDelayMs }: ShipOptions): number {
  switch (mode) {
    case 'now':
    case 'overlap':
      return oldestMs
    case 'batch':
      return oldestMs + maxDelayMs
    case 'auto':
      return oldestMs + maxDelayMs * BATCH_SHARE
  }
}

/** A probe is never waited for, and where nothing freezes there is nothing to wait for. */
function canWait({ leftMs, exportMs, isFailing, mayFreeze }: ShipFacts): boolean {
  return mayFreeze && !isFailing && leftMs - RESERVE_MS > (exportMs ?? 0)
}

/** What is waited although the next event comes soon is spent in vain; that it comes late makes the wait worth it. */
function isWorthWaiting({
  heldShare,
  longGapShare,
  exportMs = ASSUMED_EXPORT_MS,
}: ShipFacts): boolean {
  return heldShare >= FULL_SHARE || longGapShare * WORTH_MS >= (1 - longGapShare) * exportMs
}

function batchMs({ runMs, mayFreeze }: ShipFacts, { maxDelayMs }: ShipOptions): number {
  const longestMs = maxDelayMs * BATCH_SHARE
  return mayFreeze ? Math.min(longestMs, runMs * RUN_SHARE) : longestMs
}

/** Whether the spans would have waited longer than that when the next event is there. */
function isDue(
  { nowMs, oldestMs = nowMs, heldSpans, gapMs = 0 }: ShipFacts,
  { maxBatchSpans }: ShipOptions,
  delayMs: number,
): boolean {
  return heldSpans >= maxBatchSpans || nowMs - oldestMs + gapMs >= delayMs
}

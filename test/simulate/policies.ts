// What is compared, and the world it is compared in.
import { DEFAULT_MAX_DELAY_MS, type ShipMode } from '../../instrumentation/export/policy.ts'
import { startRandom } from '../helpers/random.ts'
import { type Load, simulate } from './fleet.ts'
import type { Policy, World } from './sandbox.ts'

export interface Contender {
  readonly name: string
  readonly policy: Policy
}

function ship(mode: ShipMode, maxDelayMs = DEFAULT_MAX_DELAY_MS): Policy {
  // OpenTelemetry's default for one export.
  return { mode, maxDelayMs, maxBatchSpans: 512 }
}

/** `now` is what flushes each time; `batch` is an interval, as OpenTelemetry's batch processor has it. */
export const CONTENDERS: readonly Contender[] = [
  { name: 'auto', policy: ship('auto') },
  { name: 'now', policy: ship('now') },
  { name: 'overlap', policy: ship('overlap') },
  { name: 'batch', policy: ship('batch') },
  { name: 'never', policy: 'never' },
]

/** `auto` by its longest delay. */
export const DELAYS: readonly Contender[] = [500, 1000, 2000, 5000, 10_000, 20_000].map(
  delayMs => ({
    name: `${delayMs} ms`,
    policy: ship('auto', delayMs),
  }),
)

export const EXPORTS_MS: readonly number[] = [5, 25, 100, 500]

/** Processor time as measured for a batch of some kilobytes, rounded up; the window is what the runtime keeps of Lambda's 500 ms. */
export function worldOf(exportMs: number): World {
  return {
    exportMs,
    sendCpuMs: 0.2,
    answerCpuMs: 0.1,
    timeoutMs: 30_000,
    spansPerInvocation: 8,
    maxSpans: 2048,
    shutdownMs: 400,
  }
}

/** Per cent are of invocations; delays count from an invocation's end until the collector has taken its spans. */
export interface Outcome {
  readonly billedAddedMs: number
  readonly requests: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Visible later than the longest delay and one export after their end. */
  readonly latePercent: number
  readonly lostPercent: number
  readonly unconfirmedPercent: number
}

export function judge(load: Load, policy: Policy, exportMs: number, seed: number): Outcome {
  const ledger = simulate(load, policy, worldOf(exportMs), startRandom(seed))
  const { invocations } = ledger
  const delays = Float64Array.from(ledger.delaysMs).sort()
  const quantile = (share: number): number =>
    delays[Math.floor(share * delays.length)] ?? Number.NaN
  return {
    billedAddedMs: ledger.billedAddedMs / invocations,
    requests: ledger.requests / invocations,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    latePercent:
      (100 * delays.filter(ms => ms > DEFAULT_MAX_DELAY_MS + exportMs).length) / invocations,
    lostPercent: (100 * ledger.lost) / invocations,
    unconfirmedPercent: (100 * ledger.unconfirmed) / invocations,
  }
}

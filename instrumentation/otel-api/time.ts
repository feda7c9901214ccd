// Times as OpenTelemetry's API takes them: epoch milliseconds, a `Date`, seconds and nanoseconds, or what
// `performance.now()` said.
import type { TimeInput } from '@opentelemetry/api'
import type { Clock } from '../trace/clock.ts'

/** Three years; as time of the epoch it is in 1973. */
const MAX_UPTIME_MS = 1e11

export function isTime(value: unknown): value is TimeInput {
  if (typeof value === 'number' || value instanceof Date) return true
  return Array.isArray(value) && value.length === 2 && value.every(each => typeof each === 'number')
}

/** Epoch milliseconds; `undefined` for what is no time. */
export function readTime(value: unknown, clock: Clock): number | undefined {
  if (!isTime(value)) return undefined
  const timeMs = toMs(value, clock)
  return Number.isFinite(timeMs) && timeMs > 0 ? timeMs : undefined
}

function toMs(value: TimeInput, clock: Clock): number {
  if (typeof value === 'number') {
    // Counted from the start of the process, by a clock that may stand still while the sandbox is frozen: what counts
    // is how long ago it was.
    return value < MAX_UPTIME_MS ? clock.now() - (performance.now() - value) : value
  }
  return value instanceof Date ? value.getTime() : value[0] * 1000 + value[1] / 1e6
}

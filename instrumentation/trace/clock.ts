// Wall time with sub-millisecond steps. `performance` alone drifts from the wall clock while the sandbox is frozen, and
// `Date` alone has whole milliseconds: so monotonic time is read, and held against the wall clock at each invocation.

/** Epoch milliseconds with fractions. */
export interface Clock {
  now(): number
  /** Lays the monotonic clock against the wall clock again; called where a freeze may have passed. */
  anchor(): void
}

/** Below it the two clocks are taken to agree: spans keep their exact distances to what was measured before. */
const TOLERANCE_MS = 5

export function createClock(
  monotonicMs: () => number = () => performance.now(),
  wallMs: () => number = Date.now,
  originMs: number = performance.timeOrigin,
): Clock {
  let offsetMs = originMs
  return {
    now: () => offsetMs + monotonicMs(),
    anchor() {
      const wall = wallMs()
      if (Math.abs(wall - (offsetMs + monotonicMs())) > TOLERANCE_MS)
        offsetMs = wall - monotonicMs()
    },
  }
}

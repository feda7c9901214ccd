// Wall time with sub-millisecond steps. Monotonic time alone drifts from the wall clock while the sandbox is frozen, and
// `Date` alone has whole milliseconds: so monotonic time is read, and held against the wall clock at each invocation.
// It is read by `process.hrtime`: the first touch of `performance` loads a module, 1 ms of a cold start.

/** Epoch milliseconds with fractions. */
export interface Clock {
  now(): number
  /** Lays the monotonic clock against the wall clock again; called where a freeze may have passed. */
  anchor(): void
}

/** Below it the two clocks are taken to agree: spans keep their exact distances to what was measured before. */
const TOLERANCE_MS = 5

export function createClock(
  monotonicMs: () => number = readMonotonicMs,
  wallMs: () => number = Date.now,
): Clock {
  let offsetMs = wallMs() - monotonicMs()
  return {
    now: () => offsetMs + monotonicMs(),
    anchor() {
      const wall = wallMs()
      if (Math.abs(wall - (offsetMs + monotonicMs())) > TOLERANCE_MS)
        offsetMs = wall - monotonicMs()
    },
  }
}

function readMonotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}

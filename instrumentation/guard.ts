// The line that no failure of the tracer crosses: what throws behind it is logged once for each place and forgotten.
import type { Log } from '../runtime/contract.ts'

export interface Guard {
  /** Runs `work`; `undefined` when it threw. */
  run<T>(place: string, work: () => T): T | undefined
}

export function createGuard(log: Log): Guard {
  const seen = new Set<string>()
  return {
    run(place, work) {
      try {
        return work()
      } catch (error) {
        if (!seen.has(place)) {
          seen.add(place)
          log.warn(
            `baton: tracing failed in ${place}: ${error} (said once; the function is not affected)`,
          )
        }
        return undefined
      }
    },
  }
}

// SIGTERM: Lambda ends the execution environment, or an invocation that ran out of time. It comes only where an
// extension is registered, and leaves about 500 ms (300 ms beside external extensions).
import type { InvocationObserver } from '../contract.ts'
import type { InFlight } from '../invocation/in-flight.ts'

/** For what must leave the process. It is on the wire at once; this is how long the answer to it is waited for. */
const BUDGET_MS = 400
/** The platform's clock over an invocation and the deadline that it told started a moment apart. */
const DEADLINE_TOLERANCE_MS = 50

/** What is done before the process ends, within so many milliseconds; never rejects. */
export type ShutDown = (budgetMs: number) => Promise<void>

/**
 * Shuts down, and then ends the process with 0. A listener of the user's own takes the end over, as on AWS: it runs
 * beside, and the process lives until it calls `process.exit`, or until Lambda kills it.
 *
 * To be called before any of the user's code is loaded. Node calls listeners in the order they were added: ours is the
 * first, so that it sees one that was added by `once` before it is gone, and that the spans are on the wire before one
 * that exits at once. A signal sent again, as frameworks do when they have cleaned up, ends the process if by then
 * nobody else listens.
 */
export function handleSigterm(process: NodeJS.Process, shutDown: ShutDown): void {
  let isOver: Promise<void> | undefined
  process.on('SIGTERM', () => {
    const isLeftToUser = process.listenerCount('SIGTERM') > 1
    isOver ??= withinBudget(shutDown)
    if (!isLeftToUser) void isOver.then(() => process.exit(0))
  })
}

async function withinBudget(shutDown: ShutDown): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const isTimeUp = new Promise<void>(resolve => {
    timer = setTimeout(resolve, BUDGET_MS)
  })
  await Promise.race([shutDown(BUDGET_MS), isTimeUp])
  clearTimeout(timer)
}

/** Lets the observer finish; `nowMs` is in epoch milliseconds. */
export function shutDownObserver(
  observer: InvocationObserver | undefined,
  inFlight: InFlight,
  nowMs: () => number,
): ShutDown {
  return async budgetMs => {
    const isPastDeadline = hasNoTimeLeft(inFlight, nowMs())
    await observer?.shutdown({ kind: 'sigterm', isPastDeadline }, budgetMs)
  }
}

/** Lambda sends no other SIGTERM while it waits for an answer; where several are under way, only if none has time left. */
function hasNoTimeLeft(inFlight: InFlight, nowMs: number): boolean {
  const deadlines = inFlight.all().map(({ invocation }) => invocation.deadlineMs)
  const isDue = (deadlineMs: number): boolean =>
    deadlineMs !== 0 && deadlineMs <= nowMs + DEADLINE_TOLERANCE_MS
  return deadlines.length > 0 && deadlines.every(isDue)
}

// A function's sandboxes: who gets an event, when one is started, how it ends. Lambda does not say which of several idle
// sandboxes is taken; here it is the one used last, so that the others see the gaps that busy functions have too.
import type { Random } from '../helpers/random.ts'
import { handlerMs, type Pattern } from './patterns.ts'
import { type Ledger, type Policy, Sandbox, type World } from './sandbox.ts'

const MINUTE_MS = 60_000
const MIN_IDLE_MS = 5 * MINUTE_MS
const MAX_IDLE_MS = 15 * MINUTE_MS
/** Started for an event that finds no idle sandbox. */
const INIT_MS = 200
/** One sandbox of so many ends with its host, without SIGTERM. */
const KILLED_OF = 100

interface Member {
  readonly sandbox: Sandbox
  /** Unused for so long, it is ended. */
  readonly idleMs: number
  readonly isKilled: boolean
}

/** An event and its handler's time, drawn beforehand: every policy meets the same. */
export interface Load {
  readonly arrivals: readonly number[]
  readonly handlersMs: readonly number[]
}

export function drawLoad(pattern: Pattern, random: Random): Load {
  const arrivals = pattern.arrivals(random)
  return { arrivals, handlersMs: arrivals.map(() => handlerMs(random, pattern.medianHandlerMs)) }
}

/** Runs the load to the end of the last sandbox. */
export function simulate(load: Load, policy: Policy, world: World, random: Random): Ledger {
  const ledger: Ledger = {
    invocations: 0,
    billedAddedMs: 0,
    requests: 0,
    lost: 0,
    unconfirmed: 0,
    delaysMs: [],
  }
  let members: Member[] = []
  const start = (): Member => {
    const isKilled = random.below(KILLED_OF) === 0
    const idleMs = MIN_IDLE_MS + random.next() * (MAX_IDLE_MS - MIN_IDLE_MS)
    return { sandbox: new Sandbox(world, policy, ledger), idleMs, isKilled }
  }
  load.arrivals.forEach((atMs, index) => {
    members = members.filter(member => !end(member, atMs))
    const idle = members.filter(member => member.sandbox.askedMs <= atMs)
    const last = latest(idle)
    const member = last ?? start()
    if (last === undefined) members.push(member)
    member.sandbox.serve(last === undefined ? atMs + INIT_MS : atMs, load.handlersMs[index] ?? 0)
  })
  for (const member of members) end(member, Number.POSITIVE_INFINITY)
  return ledger
}

/** Ends a sandbox whose time has come. */
function end({ sandbox, idleMs, isKilled }: Member, nowMs: number): boolean {
  const endMs = sandbox.askedMs + idleMs
  if (endMs > nowMs) return false
  if (isKilled) sandbox.kill()
  else sandbox.shutDown(endMs)
  return true
}

function latest(idle: readonly Member[]): Member | undefined {
  return idle.reduce<Member | undefined>(
    (last, member) =>
      last === undefined || member.sandbox.askedMs > last.sandbox.askedMs ? member : last,
    undefined,
  )
}

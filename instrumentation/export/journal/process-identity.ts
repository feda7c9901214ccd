// Which process is meant: process ids come again, a process id together with the time of its start does not.
import { readFileSync } from 'node:fs'

export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks from the machine's start, as text; `0` where there is no /proc. */
  readonly startTicks: string
}

/** Dead, but their parent has not asked yet: they are listed like living ones. */
const DEAD_STATES: readonly (string | undefined)[] = ['Z', 'X']

export function identifyThisProcess(): ProcessIdentity {
  return { pid: process.pid, startTicks: readStat('self')?.startTicks ?? '0' }
}

export function isAlive({ pid, startTicks }: ProcessIdentity): boolean {
  if (startTicks === '0') return answersSignals(pid)
  const stat = readStat(pid)
  return stat !== undefined && stat.startTicks === startTicks && !DEAD_STATES.includes(stat.state)
}

function readStat(pid: number | 'self'): { state?: string; startTicks: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field, the command in brackets, may hold blanks and brackets. Fields count from 1: proc_pid_stat(5).
    const [state, ...from4] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const startTicks = from4[22 - 4]
    return state === undefined || startTicks === undefined ? undefined : { state, startTicks }
  } catch {
    return undefined
  }
}

function answersSignals(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

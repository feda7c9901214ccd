// What a running child has used so far, from /proc. The ticks in stat are 10 ms wide, too coarse for a process that
// lives for 60: each thread's schedstat counts nanoseconds.

import { readdirSync, readFileSync } from 'node:fs'

// USER_HZ, which is 100 on every Linux that Node.js is built for.
const TICK_MS = 10

/**
 * User and system time of the process with all its living threads, and of children that it has waited for (those by
 * whole ticks). The first program counts in too when the process has replaced it by exec, as `bootstrap` does.
 */
export function readCpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  // The command's name, in brackets, may hold blanks: fields are counted behind it (utime is field 14 of proc(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = (from: number): number => Number(fields[from]) + Number(fields[from + 1])
  // A thread that has ended is in the ticks only.
  return Math.max(readThreadsMs(pid), ticks(11) * TICK_MS) + ticks(13) * TICK_MS
}

function readThreadsMs(pid: number): number {
  let ns = 0
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      ns += Number.parseInt(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1'), 10)
    } catch {
      // The thread ended meanwhile, or the kernel keeps no such counts and the ticks have to do.
    }
  }
  return ns / 1e6
}

/** The most memory that the process has ever had resident, in MiB. */
export function readPeakRssMib(pid: number): number {
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]
  if (kib === undefined) throw new Error(`/proc/${pid}/status: expected VmHWM, got none`)
  return Number(kib) / 1024
}

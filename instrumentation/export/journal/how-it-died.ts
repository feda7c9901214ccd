// How a process ended that could not say so itself, from what it left behind: the surest evidence first.
//
//   `error.type`          evidence                    it was found that
//   Runtime.ExitError     exit_code                   it wrote with which code it exits
//   out_of_memory         oom_kill                    the kernel has killed for want of memory in this cgroup since
//   out_of_memory         memory_use                  it used 90 % or more of the function's memory when last looked at
//   timeout               deadline_passed             the next process began after the invocation's deadline
//   killed                restart_before_deadline     the next process began before it
//   killed                none                        there is no deadline
//
// A heap that V8 cannot grow any more ends the process by SIGABRT: only its use of memory may tell. And a process that was
// killed, with the next one begun much later, is told as a timeout.

export interface DeathFacts {
  readonly exitCode: number | undefined
  /** Of the cgroup, by the dead process's account and now; `undefined` where no cgroup tells. */
  readonly oomKillsBefore: number
  readonly oomKillsNow: number | undefined
  /** When last looked at; 0 when never. */
  readonly residentBytes: number
  /** The function's memory; 0 when unknown. */
  readonly memoryBytes: number
  /** When the next process began, epoch milliseconds. */
  readonly restartedMs: number
}

export interface Death {
  readonly errorType: 'Runtime.ExitError' | 'out_of_memory' | 'timeout' | 'killed'
  readonly evidence:
    | 'exit_code'
    | 'oom_kill'
    | 'memory_use'
    | 'deadline_passed'
    | 'restart_before_deadline'
    | 'none'
  readonly message: string
}

/** Of the function's memory. The machine's own processes need some of the rest. */
const NEARLY_ALL = 0.9
const BYTES_PER_MB = 1024 * 1024

/** How the invocation with this deadline (epoch ms, 0 for none) came to its end. */
export function explainDeath(facts: DeathFacts, deadlineMs: number): Death {
  const { exitCode, oomKillsBefore, oomKillsNow, residentBytes, memoryBytes, restartedMs } = facts
  if (exitCode !== undefined) {
    const message = `The process exited with code ${exitCode}`
    return { errorType: 'Runtime.ExitError', evidence: 'exit_code', message }
  }
  // Every sandbox begins with none, so an account that was never taken was 0.
  if (oomKillsNow !== undefined && oomKillsNow > Math.max(0, oomKillsBefore)) {
    const message = 'The process ran out of memory'
    return { errorType: 'out_of_memory', evidence: 'oom_kill', message }
  }
  if (memoryBytes > 0 && residentBytes >= NEARLY_ALL * memoryBytes) {
    const [used, all] = [residentBytes, memoryBytes].map(each => Math.round(each / BYTES_PER_MB))
    const message = `The process was killed; it had used ${used} of ${all} MB`
    return { errorType: 'out_of_memory', evidence: 'memory_use', message }
  }
  if (deadlineMs > 0 && restartedMs >= deadlineMs) {
    const message = 'The invocation ran out of time'
    return { errorType: 'timeout', evidence: 'deadline_passed', message }
  }
  const evidence = deadlineMs > 0 ? 'restart_before_deadline' : 'none'
  return { errorType: 'killed', evidence, message: 'The process was killed' }
}

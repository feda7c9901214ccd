// How the function's process can end or stop: what was open then is told by the next process, and what was finished
// arrives as it was.
import { differs, type Fault, failures, fault } from './fault.ts'
import { memoryLimitedBootstrap } from './memory-limit.ts'
import type { Sandbox } from './sandbox.ts'

const NO_HOOK = { BATON_SHUTDOWN_HOOK: 'off' }
/** Spans are held, so that the process ends with some in its hands. */
const HELD = { BATON_SHIP: 'batch', BATON_SHIP_MAX_DELAY_MS: '60000' }

/** A healthy invocation, the one at fault, and a healthy one in the next process. */
function around(ending: string, errorType: RegExp, hung = 0) {
  return async (sandbox: Sandbox): Promise<readonly string[]> => {
    await sandbox.invoke({ calls: 2 })
    await sandbox.invoke({ calls: 2, ending })
    await sandbox.invoke({ calls: 1 })
    await sandbox.settled()
    await sandbox.collector.waitForSpans(() => failures(sandbox).length > 0, 3000).catch(() => {})
    const [failure, ...more] = failures(sandbox)
    return [
      ...differs('failed invocations', more.length + (failure === undefined ? 0 : 1), 1),
      ...differs('error.type', failure?.errorType, errorType),
      ...differs('calls that hung', failure?.hung.length, hung),
    ]
  }
}

export const PROCESS_FAULTS: readonly Fault[] = [
  fault('timeout, SIGKILL at once: a call hangs', around('hang', /^timeout$/, 1), { env: NO_HOOK }),
  fault('timeout, SIGTERM: a call hangs', around('hang', /^timeout$/, 1)),
  fault(
    'timeout, SIGTERM then SIGKILL: a call hangs, the loop is blocked',
    around('hang-and-block', /^timeout$/, 1),
  ),
  fault('timeout, SIGKILL: a synchronous loop without an end', around('block', /^timeout$/)),
  fault('a promise that never settles', around('never', /^Runtime\.NodeJsExit$/)),
  fault('process.exit in the handler', around('exit', /exit/i)),
  fault('process.exit in a timer', around('exit-in-timer', /exit/i)),
  fault('process.exit with spans held', around('exit', /exit/i), { env: HELD }),
  fault('SIGSEGV', around('segfault', /killed/)),
  fault('SIGKILL from within, with spans held', around('kill', /killed/), { env: HELD }),
  fault('an uncaught exception', around('throw-in-timer', /^(TypeError|Error)$/)),
  fault('an unhandled rejection', around('reject', /^Runtime\.UnhandledPromiseRejection$/)),
  {
    name: 'killed for memory by the kernel',
    async run() {
      const limited = await memoryLimitedBootstrap(160)
      const each = fault('', around('eat', /out[-_ ]?of[-_ ]?memory/i), {
        bootstrap: limited.bootstrap,
        memoryMb: 160,
        timeoutMs: 10_000,
      })
      try {
        return { ...(await each.run()), note: limited.how }
      } finally {
        await limited.remove()
      }
    },
  },
]

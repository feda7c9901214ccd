// SIGKILL at random moments under load: whatever the process was doing, the next one in the sandbox tells the rest.
import { setTimeout as sleep } from 'node:timers/promises'
import { startRandom } from '../helpers/random.ts'
import type { Fault, FaultResult } from './fault.ts'
import { openSandbox } from './sandbox.ts'

const KILLS = Number(process.env.BATON_FAULT_KILLS ?? 200)
/** An invocation of the load takes a few of these, its export as well. */
const MAX_DELAY_MS = 12

export const KILL_STORM: Fault = {
  name: `SIGKILL at ${KILLS} random moments under load`,
  async run(): Promise<FaultResult> {
    const random = startRandom()
    await using sandbox = await openSandbox()
    for (let kill = 0; kill < KILLS; kill++) {
      await sandbox.invoke({ calls: 3 })
      const pid = sandbox.pid()
      const load = sandbox.invoke({ calls: 5 })
      await sleep(random.next() * MAX_DELAY_MS)
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It is gone already, or about to be.
      }
      await load
    }
    await sandbox.invoke({ calls: 1 })
    await sandbox.settled()
    return { tally: await sandbox.finish(), flaws: [], note: `seed ${random.seed}` }
  },
}

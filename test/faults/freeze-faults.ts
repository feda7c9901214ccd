// The sandbox stops, as Lambda stops it, before, during and after an export, while the collector closes its sockets.
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Fault, fault } from './fault.ts'
import type { Sandbox } from './sandbox.ts'

const FREEZE_MS = 1500
const NO_FLAWS: readonly string[] = []
/** Exports are never waited for: they are under way when the next event is asked for. */
const OVERLAP = { BATON_SHIP: 'overlap' }

async function freeze(sandbox: Sandbox): Promise<void> {
  const pid = sandbox.pid()
  process.kill(pid, 'SIGSTOP')
  while (!/\) T /.test(await readFile(`/proc/${pid}/stat`, 'utf8'))) await sleep(1)
}

async function thaw(sandbox: Sandbox): Promise<void> {
  process.kill(sandbox.pid(), 'SIGCONT')
}

async function freezeWhile(sandbox: Sandbox, isClosing: boolean): Promise<void> {
  await freeze(sandbox)
  if (isClosing) sandbox.gate.cutConnections()
  await sleep(FREEZE_MS)
  await thaw(sandbox)
}

const afterExport =
  (isClosing: boolean) =>
  async (sandbox: Sandbox): Promise<readonly string[]> => {
    for (let round = 0; round < 3; round++) {
      await sandbox.invoke({ calls: 2 })
      await sandbox.settled()
      await freezeWhile(sandbox, isClosing)
    }
    return NO_FLAWS
  }

/** The collector has the request and takes its time: the freeze comes meanwhile. */
const duringExport =
  (isClosing: boolean) =>
  async (sandbox: Sandbox): Promise<readonly string[]> => {
    await sandbox.invoke({ calls: 2 })
    await sandbox.settled()
    sandbox.collector.setFault({ delayMs: 300 })
    for (let round = 0; round < 3; round++) {
      const requests = sandbox.collector.requests.length
      await sandbox.invoke({ calls: 2 })
      await Promise.race([sandbox.collector.waitForRequests(requests + 1), sleep(1000)])
      await freezeWhile(sandbox, isClosing)
    }
    await sandbox.invoke({ calls: 1 })
    await sandbox.settled()
    return NO_FLAWS
  }

/** Spans are held, and no export has begun. */
const beforeExport = async (sandbox: Sandbox): Promise<readonly string[]> => {
  await sandbox.invoke({ calls: 2 })
  await sandbox.settled()
  await freezeWhile(sandbox, true)
  await sandbox.invoke({ calls: 2 })
  await sandbox.settled()
  return NO_FLAWS
}

export const FREEZE_FAULTS: readonly Fault[] = [
  fault('frozen before an export, sockets closed meanwhile', beforeExport, {
    env: { BATON_SHIP: 'batch' },
  }),
  fault('frozen during an export', duringExport(false), { env: OVERLAP }),
  fault('frozen during an export, sockets closed meanwhile', duringExport(true), { env: OVERLAP }),
  fault('frozen after an export', afterExport(false)),
  fault('frozen after an export, sockets closed meanwhile', afterExport(true)),
  fault(
    'process.exit in the middle of an export',
    async sandbox => {
      await sandbox.invoke({ calls: 1 })
      await sandbox.settled()
      sandbox.collector.setFault({ delayMs: 400 })
      await sandbox.invoke({ calls: 2, ending: 'exit-after-answer' })
      await sandbox.settled()
      sandbox.collector.setFault(undefined)
      await sandbox.gone()
      await sandbox.invoke({ calls: 1 })
      await sandbox.settled()
      return NO_FLAWS
    },
    { env: { ...OVERLAP, EXIT_AFTER_MS: '150' } },
  ),
]

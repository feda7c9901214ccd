// What can be wrong with `/tmp` and with the journal in it: the function is served all the same.
import { execFile } from 'node:child_process'
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startRandom } from '../helpers/random.ts'
import { differs, type Fault, type FaultResult, fault } from './fault.ts'
import { openSandbox, type Sandbox } from './sandbox.ts'

const run = promisify(execFile)
const OFFSETS = Number(process.env.BATON_FAULT_OFFSETS ?? 200)
const HELD = { BATON_SHIP: 'batch', BATON_SHIP_MAX_DELAY_MS: '60000' }

/** Lays a file system over the sandbox's `/tmp`; needs root, as the suite does. */
async function mountOver(sandbox: Sandbox, options: string): Promise<() => Promise<void>> {
  await run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', sandbox.tmp])
  return async () => {
    await run('umount', ['-l', sandbox.tmp])
  }
}

function onBadDisk(options: string, fill: boolean) {
  return async (sandbox: Sandbox): Promise<readonly string[]> => {
    const unmount = await mountOver(sandbox, options)
    try {
      if (fill) await writeFile(join(sandbox.tmp, 'full'), Buffer.alloc(64 * 1024)).catch(() => {})
      const answers: string[] = []
      for (let index = 0; index < 3; index++) answers.push(await sandbox.invoke({ calls: 2 }))
      await sandbox.settled()
      const about = sandbox.lines.filter(line => line.includes('journal'))
      return [
        ...differs('processes that answered', new Set(answers).size, 1),
        ...differs('lines about the journal', about.length, 1),
      ]
    } finally {
      await unmount()
    }
  }
}

/** A journal with finished and open spans in it, damaged in one byte, found by the next process: once for each offset. */
const CORRUPTION: Fault = {
  name: `journal damaged at each of ${OFFSETS} random offsets`,
  mayLose: 'what the damaged record held, and what stands behind it',
  async run(): Promise<FaultResult> {
    await using sandbox = await openSandbox({ env: HELD })
    const random = startRandom()
    const journal = join(sandbox.tmp, 'journal')
    const whole = join(sandbox.tmp, 'whole')
    for (let index = 0; index < 3; index++) await sandbox.invoke({ calls: 2 })
    await sandbox.invoke({ calls: 2, ending: 'kill' })
    await sandbox.gone()
    await cp(journal, whole, { recursive: true })
    await rm(journal, { recursive: true })
    await mkdir(journal, { mode: 0o700 })
    const flaws: string[] = []
    for (let round = 0; round < OFFSETS; round++) {
      await copyDamaged(whole, journal, random)
      const answer = await sandbox.invoke({ calls: 1 })
      flaws.push(...differs(`round ${round}: answer`, answer, /^\d+$/))
      await sandbox.settled()
      process.kill(sandbox.pid(), 'SIGKILL')
      await sandbox.gone()
    }
    await sandbox.invoke({})
    await sandbox.settled()
    return { tally: await sandbox.finish(), flaws, note: `seed ${random.seed}` }
  },
}

async function copyDamaged(
  from: string,
  to: string,
  random: ReturnType<typeof startRandom>,
): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name)
    const target = join(to, path.slice(from.length + 1))
    if (entry.isDirectory()) await mkdir(target, { recursive: true, mode: 0o700 })
    else {
      const bytes = await readFile(path)
      const offset = random.below(bytes.length)
      bytes[offset] = (bytes[offset] ?? 0) ^ (1 << random.below(8))
      await writeFile(target, bytes, { mode: 0o600 })
    }
  }
}

export const STORAGE_FAULTS: readonly Fault[] = [
  fault('/tmp is full', onBadDisk('size=16k', true)),
  fault('/tmp is read-only', onBadDisk('ro', false)),
  CORRUPTION,
]

// The built bootstrap inside a memory cgroup: what Lambda does to a function that needs more than it has.
import { chmod, mkdir, mkdtemp, readFile, rm, rmdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BOOTSTRAP } from './sandbox.ts'

export interface LimitedBootstrap {
  /** A script that enters the cgroup and becomes the bootstrap. */
  readonly bootstrap: string
  /** Which kind of cgroup it is. */
  readonly how: string
  remove(): Promise<void>
}

const V1 = '/sys/fs/cgroup/memory'
const V2 = '/sys/fs/cgroup'

/** Throws where the machine has no memory cgroup that may be written: the fault could not be injected. */
export async function memoryLimitedBootstrap(megabytes: number): Promise<LimitedBootstrap> {
  const isV1 = await readFile(join(V1, 'memory.limit_in_bytes')).then(
    () => true,
    () => false,
  )
  const group = join(isV1 ? V1 : V2, `baton-fault-${process.pid}`)
  const bytes = String(megabytes * 1024 * 1024)
  await mkdir(group)
  if (isV1) {
    await writeFile(join(group, 'memory.limit_in_bytes'), bytes)
    await writeFile(join(group, 'memory.memsw.limit_in_bytes'), bytes).catch(() => {})
  } else {
    await writeFile(join(group, 'memory.max'), bytes)
    await writeFile(join(group, 'memory.swap.max'), '0').catch(() => {})
  }
  const folder = await mkdtemp(join(tmpdir(), 'baton-limit-'))
  const bootstrap = join(folder, 'bootstrap')
  await writeFile(
    bootstrap,
    `#!/bin/sh\necho $$ > ${group}/cgroup.procs\nexec ${JSON.stringify(BOOTSTRAP)}\n`,
  )
  await chmod(bootstrap, 0o755)
  return {
    bootstrap,
    how: `memory cgroup ${isV1 ? 'v1' : 'v2'}, ${megabytes} MB`,
    async remove() {
      await rmdir(group).catch(() => {})
      await rm(folder, { recursive: true, force: true })
    },
  }
}

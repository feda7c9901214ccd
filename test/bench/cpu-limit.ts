// A share of a CPU, as Lambda grants it: in slices of 20 ms, after which the process stands still until the next one.
// Lambda gives 1 vCPU per 1769 MB, so 0.3 is a function of about 512 MB.

import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A control group with a CPU quota. */
export type CpuLimit = {
  /** The command that starts `command` inside: a shell that enters the group and then becomes it. */
  wrap: (command: string, args: readonly string[]) => [string, string[]]
  remove: () => void
}

// Lambda's own period is not documented; 20 ms is the harsher of the usual ones and the closer to what it shows.
const PERIOD_US = 20_000
const V1 = '/sys/fs/cgroup/cpu'
const V2 = '/sys/fs/cgroup'

/** Makes the group, in cgroup v1 or v2, whichever the host has; throws if it has neither or lets us use neither. */
export function createCpuLimit(cpus: number): CpuLimit {
  const quotaUs = Math.round(cpus * PERIOD_US)
  const name = `baton-bench-${process.pid}`
  const group = existsSync(join(V1, 'cpu.cfs_quota_us'))
    ? createV1(join(V1, name), quotaUs)
    : createV2(join(V2, name), quotaUs)
  return {
    wrap: (command, args) => [
      'sh',
      ['-c', 'echo $$ >"$0" && exec "$@"', join(group, 'cgroup.procs'), command, ...args],
    ],
    remove: () => rmdirSync(group),
  }
}

function createV1(group: string, quotaUs: number): string {
  mkdirSync(group)
  writeFileSync(join(group, 'cpu.cfs_period_us'), String(PERIOD_US))
  writeFileSync(join(group, 'cpu.cfs_quota_us'), String(quotaUs))
  return group
}

function createV2(group: string, quotaUs: number): string {
  if (!existsSync(join(V2, 'cgroup.subtree_control'))) {
    throw new Error('--cpu: this host has neither the cgroup v1 nor the v2 cpu controller')
  }
  try {
    writeFileSync(join(V2, 'cgroup.subtree_control'), '+cpu')
    mkdirSync(group)
    writeFileSync(join(group, 'cpu.max'), `${quotaUs} ${PERIOD_US}`)
  } catch (cause) {
    throw new Error('--cpu: this host does not let us use its cgroup v2 cpu controller', { cause })
  }
  return group
}

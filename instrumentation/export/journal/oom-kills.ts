// How often the kernel has killed something in this process's cgroup for want of memory. Lambda shows no cgroup;
// containers do, in one of two ways.
import { existsSync, readFileSync } from 'node:fs'

const ROOT = '/sys/fs/cgroup'

/** `undefined` where no cgroup tells. */
export function readOomKills(): number | undefined {
  for (const path of counterFiles()) {
    const counter = read(path)
      ?.split('\n')
      .find(line => line.startsWith('oom_kill '))
    if (counter !== undefined) return Number(counter.slice('oom_kill '.length))
  }
  return undefined
}

/** The process's own cgroup, else, in a container that sees its own as the root, the root: version 2, then version 1. */
function counterFiles(): readonly string[] {
  // hierarchy:controllers:path, and in version 2 `0::path`: cgroups(7)
  const lines = (read('/proc/self/cgroup') ?? '').split('\n').map(line => line.split(':'))
  const unified = lines.find(([number, controllers]) => number === '0' && controllers === '')
  const memory = lines.find(([, controllers = '']) => controllers.split(',').includes('memory'))
  const files: string[] = []
  if (memory !== undefined) {
    files.push(`${ROOT}/memory${memory.slice(2).join(':')}/memory.oom_control`)
    files.push(`${ROOT}/memory/memory.oom_control`)
  }
  if (unified !== undefined) {
    files.push(`${ROOT}${unified.slice(2).join(':')}/memory.events`, `${ROOT}/memory.events`)
  }
  return files
}

function read(path: string): string | undefined {
  try {
    // Most of them are not there, and an error costs more than the question.
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined
  } catch {
    return undefined
  }
}

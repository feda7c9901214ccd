// What counterparts run on, from Debian where the machine lacks it.
import { execFileSync } from 'node:child_process'

/** Runs `probe`; where it fails, installs the packages and runs it again. Throws when it still fails. */
export function needs(probe: readonly string[], packages: readonly string[]): void {
  if (works(probe)) return
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const apt = (...args: string[]): Buffer =>
    execFileSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] })
  apt('update', '-qq')
  apt('install', '-y', '-qq', '--no-install-recommends', ...packages)
  if (!works(probe)) throw new Error(`${probe.join(' ')} fails, with ${packages.join(', ')} there`)
}

function works([command = '', ...args]: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

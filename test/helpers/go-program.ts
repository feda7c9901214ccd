// Programs in Go, built once out of modules of the Go module proxy and kept outside of the repository.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from './cache.ts'

/** The binary's path; throws with Go's own words when it cannot be built. Needs Go 1.26 or newer. */
export function buildGoProgram(source: string, name: string): string {
  const folder = cacheFolder(name, source)
  const binary = join(folder, name)
  if (existsSync(binary)) return binary
  const work = `${folder}.${process.pid}`
  mkdirSync(work, { recursive: true })
  cpSync(source, work, { recursive: true })
  const flags = ['-trimpath', '-buildvcs=false', '-mod=readonly', '-ldflags=-s -w']
  execFileSync('go', ['build', ...flags, '-o', name, '.'], {
    cwd: work,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, CGO_ENABLED: '0' },
  })
  mkdirSync(folder, { recursive: true })
  renameSync(join(work, name), binary)
  rmSync(work, { recursive: true })
  return binary
}

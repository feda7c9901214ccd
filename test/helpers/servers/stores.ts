// The stores that tests call: Redis and memcached of Debian, and FerretDB, which speaks MongoDB's protocol: MongoDB's own
// server is in no registry that is reached.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { installProgram, startProcess, type TestServer } from './processes.ts'

const REDIS = '/usr/bin/redis-server'
const MEMCACHED = '/usr/bin/memcached'

/** `more` are arguments of redis-server. */
export async function startRedis(more: readonly string[] = []): Promise<TestServer> {
  installProgram(REDIS, 'redis-server')
  return startProcess(REDIS, (port, folder) => [
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder],
    ...['--save', '', '--appendonly', 'no', ...more],
  ])
}

export async function startMemcached(): Promise<TestServer> {
  installProgram(MEMCACHED, 'memcached')
  return startProcess(MEMCACHED, port => [
    ...['-p', String(port), '-U', '0', '-l', '127.0.0.1', '-u', 'nobody', '-m', '16'],
  ])
}

const FERRET_SOURCE = join(import.meta.dirname, '..', '..', 'libraries', 'stores', 'ferretdb')
/** `BATON_TEST_CACHE` names another folder. */
const CACHE = process.env.BATON_TEST_CACHE ?? join(homedir(), '.cache', 'baton-tests')

/** Builds it the first time, with Go: a minute or two. */
export async function startFerretDb(): Promise<TestServer> {
  return startProcess(buildFerretDb(), (port, folder) => [`127.0.0.1:${port}`, folder])
}

/** The binary's path; throws with Go's own words when it cannot be built. */
function buildFerretDb(): string {
  const hash = createHash('sha256')
  for (const name of readdirSync(FERRET_SOURCE).sort())
    hash.update(name).update(readFileSync(join(FERRET_SOURCE, name)))
  const folder = join(CACHE, `ferretdb-${hash.digest('hex').slice(0, 16)}`)
  const binary = join(folder, 'ferretdb')
  if (existsSync(binary)) return binary
  const work = `${folder}.${process.pid}`
  mkdirSync(work, { recursive: true })
  cpSync(FERRET_SOURCE, work, { recursive: true })
  const flags = ['-trimpath', '-buildvcs=false', '-mod=readonly', '-ldflags=-s -w']
  execFileSync('go', ['build', ...flags, '-o', 'ferretdb', '.'], {
    cwd: work,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, CGO_ENABLED: '0' },
  })
  mkdirSync(folder, { recursive: true })
  renameSync(join(work, 'ferretdb'), binary)
  rmSync(work, { recursive: true })
  return binary
}

// PostgreSQL and MariaDB of Debian, each with a data folder of its own and nothing to wait for on disk. They refuse to run
// as root, and so run as the users that their packages make.
import { execFileSync } from 'node:child_process'
import { globSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { installProgram, startProcess, type TestServer } from './processes.ts'

const POSTGRES = '/usr/lib/postgresql/*/bin/postgres'
const MARIADB = '/usr/sbin/mariadbd'
const READY_LIMIT_MS = 30_000

/** The program and arguments that run it as another user, where this one is root. */
function asUser(user: string, program: string, args: readonly string[]): [string, string[]] {
  if (process.getuid?.() !== 0) return [program, [...args]]
  const ids = [`--reuid=${user}`, `--regid=${user}`, '--clear-groups']
  return ['/usr/bin/setpriv', [...ids, program, ...args]]
}

function runAs(user: string, program: string, args: readonly string[]): void {
  const [command, all] = asUser(user, program, args)
  // Read, and not passed on: they are chatty about what they do.
  execFileSync(command, all, { stdio: 'pipe' })
}

function giveTo(user: string, folder: string): void {
  if (process.getuid?.() === 0) execFileSync('chown', ['-R', `${user}:${user}`, folder])
}

/** A superuser `postgres` without a password, and the database of that name. */
export async function startPostgres(): Promise<TestServer> {
  const [found] = globSync(POSTGRES)
  if (found === undefined) installProgram('/usr/lib/postgresql/bin', 'postgresql')
  const [program = found] = globSync(POSTGRES).sort().reverse()
  if (program === undefined) throw new Error(`expected ${POSTGRES} from the package postgresql`)
  const beside = (name: string): string => join(program, '..', name)
  let data = ''
  const [command] = asUser('postgres', program, [])
  const server = await startProcess(command, (port, folder) => {
    data = join(folder, 'data')
    mkdirSync(data)
    giveTo('postgres', folder)
    runAs('postgres', beside('initdb'), [
      ...['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', '--no-locale', '-E', 'UTF8'],
      '--no-instructions',
    ])
    const args = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder, '-F']
    return asUser('postgres', program, args).slice(1).flat()
  })
  await waitUntil(() =>
    runAs('postgres', beside('pg_isready'), ['-q', '-p', `${server.port}`, '-h', '127.0.0.1']),
  )
  return {
    port: server.port,
    async [Symbol.asyncDispose]() {
      // It ends its own processes, which a killed one leaves behind for a moment.
      runAs('postgres', beside('pg_ctl'), ['stop', '-s', '-D', data, '-m', 'immediate'])
      await server[Symbol.asyncDispose]()
    },
  }
}

/** A superuser `root` without a password, and the database `shop`. */
export async function startMariadb(): Promise<TestServer> {
  installProgram(MARIADB, 'mariadb-server')
  const [command] = asUser('mysql', MARIADB, [])
  return startProcess(command, (port, folder) => {
    const data = join(folder, 'data')
    mkdirSync(data)
    const init = join(folder, 'init.sql')
    writeFileSync(init, 'CREATE DATABASE shop;\n')
    giveTo('mysql', folder)
    runAs('mysql', '/usr/bin/mariadb-install-db', [
      ...['--no-defaults', `--datadir=${data}`, '--skip-test-db', '--skip-name-resolve'],
      '--auth-root-authentication-method=normal',
    ])
    const args = [
      ...['--no-defaults', `--datadir=${data}`, `--port=${port}`, '--bind-address=127.0.0.1'],
      ...[`--socket=${join(folder, 'socket')}`, `--init-file=${init}`, '--skip-name-resolve'],
      ...['--innodb-flush-log-at-trx-commit=0', '--innodb-buffer-pool-size=16M', '--skip-log-bin'],
    ]
    return asUser('mysql', MARIADB, args).slice(1).flat()
  })
}

async function waitUntil(check: () => void): Promise<void> {
  const deadline = Date.now() + READY_LIMIT_MS
  for (;;) {
    try {
      check()
      return
    } catch (error) {
      if (Date.now() > deadline) throw error
      await sleep(50)
    }
  }
}

// A process that the kernel kills for want of memory, in a cgroup of its own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readOomKills } from '../../../../instrumentation/export/journal/oom-kills.ts'
import { makeFolder } from './journals.ts'
import { buildFixture } from './processes.ts'

const V1 = '/sys/fs/cgroup/memory'
const V2 = '/sys/fs/cgroup'
const LIMIT_BYTES = 96 * 1024 * 1024

/** A cgroup with that little memory; `undefined` where none can be made. */
function makeCgroup(): string | undefined {
  const isV1 = existsSync(join(V1, 'memory.limit_in_bytes'))
  const path = join(isV1 ? V1 : V2, `baton-test-${process.pid}`)
  try {
    mkdirSync(path)
    writeFileSync(join(path, isV1 ? 'memory.limit_in_bytes' : 'memory.max'), String(LIMIT_BYTES))
    return path
  } catch {
    return undefined
  }
}

const cgroup = makeCgroup()
const options = { skip: cgroup === undefined ? 'NOT TESTED: no cgroup can be made here' : false }

t.test(
  'a process killed for want of memory is told so by the next one in its cgroup',
  options,
  async t => {
    const folder = makeFolder(t)
    const script = buildFixture(t, 'hungry')
    t.teardown(async () => {
      // The kernel lets the last process go some time after its parent has heard of it.
      for (let tries = 0; tries < 1000; tries++) {
        try {
          return rmdirSync(cgroup ?? '')
        } catch {
          await new Promise(setImmediate)
        }
      }
    })
    const run = async (what: string): Promise<{ signal: string | null; output: string }> => {
      const shell = `echo $$ > ${cgroup}/cgroup.procs && exec "$0" "$@"`
      const command = ['-i', '/bin/sh', '-c', shell, process.execPath, script, folder, what]
      const child = spawn('/usr/bin/env', command, { stdio: ['ignore', 'pipe', 'inherit'] })
      let output = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
      const [, signal] = (await once(child, 'close')) as [number | null, string | null]
      return { signal, output }
    }
    const recover = async (): Promise<unknown> => JSON.parse((await run('recover')).output)
    const oomKilled = ['out_of_memory', 'oom_kill', 'The process ran out of memory']
    const justKilled = ['killed', 'none', 'The process was killed']

    t.equal((await run('eat')).signal, 'SIGKILL')
    t.strictSame(await recover(), oomKilled, 'in its first invocation')
    t.equal((await run('die later')).signal, 'SIGKILL')
    t.strictSame(await recover(), justKilled, 'the kill before does not count')
    t.equal((await run('eat later')).signal, 'SIGKILL')
    t.strictSame(await recover(), oomKilled, 'a second kill does')
  },
)

t.test('what the cgroup tells is a number, or nothing', t => {
  const kills = readOomKills()
  t.ok(kills === undefined || (Number.isInteger(kills) && kills >= 0), `${kills}`)
  t.end()
})

// Commands of the documents that need neither root nor a container, run as they are written.
import { spawn } from 'node:child_process'
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { documented } from '../helpers/snippets.ts'

const ROOT = join(import.meta.dirname, '..', '..')

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** In a shell, by way of `env -i`: the test runner adds to the environment of what it sees started. */
async function runInShell(script: string, cwd: string): Promise<Ended> {
  const PATH = `${dirname(process.execPath)}:${process.env.PATH}`
  const variables = [`PATH=${PATH}`, `HOME=${process.env.HOME ?? '/root'}`]
  const child = spawn('/usr/bin/env', ['-i', ...variables, 'sh', '-euc', script], { cwd })
  child.stdin.end()
  const code = new Promise<number | null>(resolve => child.once('close', resolve))
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { code: await code, stdout, stderr }
}

t.test('a clone is in the folder that the next command enters', async t => {
  const commands = documented('git clone')
  t.strictSame(commands, ['git clone URL baton', 'cd baton'])
  const script = [...commands, 'ls'].join(' && ').replace('URL', `--quiet "file://${ROOT}"`)
  const { code, stdout, stderr } = await runInShell(script, t.testdir({}))
  t.equal(code, 0, stderr)
  t.match(stdout, /^package-lock\.json$/m)
})

t.test('the command can be started as a program, whoever npm is', async t => {
  const ended = await runInShell('dist/cli/baton.mjs --version', ROOT)
  t.match(ended, { code: 0, stdout: /^\d+\.\d+\.\d+/ }, ended.stderr)
})

t.test('every `npx baton invoke` prints the answer, and its trace', async t => {
  const commands = documented('baton invoke')
  t.ok(commands.length >= 2)
  for (const command of commands) {
    const [, event = ''] = /--event (\S+)/.exec(command) ?? []
    const [, name = 'index'] = /--handler (\S+)\.\w+/.exec(command) ?? []
    // As in the repository after `npm run build`: npx finds the command by its package.json.
    const cwd = t.testdir({})
    for (const each of ['dist', 'node_modules']) await symlink(join(ROOT, each), join(cwd, each))
    await cp(join(ROOT, 'package.json'), join(cwd, 'package.json'))
    await mkdir(join(cwd, dirname(event)), { recursive: true })
    const payload = await readFile(join(ROOT, 'examples', 'orders', 'event.json'))
    await writeFile(join(cwd, event), payload)
    await mkdir(join(cwd, 'FUNCTION_DIR', dirname(name)), { recursive: true })
    await writeFile(join(cwd, 'FUNCTION_DIR', 'package.json'), '{}')
    const code = `exports.handler = async event => ({ path: event.rawPath, table: process.env.TABLE })`
    await writeFile(join(cwd, 'FUNCTION_DIR', `${name}.js`), code)
    const ended = await runInShell(command, cwd)
    t.equal(ended.code, 0, ended.stderr)
    t.match(JSON.parse(ended.stdout), { path: '/orders' }, command)
    t.equal(JSON.parse(ended.stdout).table, /TABLE=(\w+)/.exec(command)?.[1])
    t.match(ended.stderr, /^trace [0-9a-f]{32}$/m)
    await rm(join(cwd, 'node_modules'))
  }
})

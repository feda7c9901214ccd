// The exec wrapper for AWS's own runtimes: which command line it makes of Lambda's.
import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'

const WRAPPER = join(import.meta.dirname, '..', '..', 'dist', 'wrapper')

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** By way of `env -i`: the test runner adds to the environment of what it sees started. */
function run(
  command: readonly string[],
  env: Record<string, string> = {},
  cwd = '/',
): Promise<Ended> {
  // No folder of programs: what the script needs is built into the shell.
  const all = { PATH: '/nowhere', AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x', ...env }
  const variables = Object.entries(all).map(([name, value]) => `${name}=${value}`)
  return new Promise(resolve => {
    execFile('/usr/bin/env', ['-i', ...variables, ...command], { cwd }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })
}

interface Stage {
  readonly wrapper: string
  readonly entry: string
  /** In place of Node a script that tells what it was started with. */
  readonly node: string
}

async function stage(t: Test, name = 'opt'): Promise<Stage> {
  const folder = join(t.testdir({}), name)
  await cp(WRAPPER, folder, { recursive: true })
  const node = join(folder, 'node')
  await writeScript(node, `printf '%s\\n' "$0" "$@"`)
  return { wrapper: join(folder, 'baton-wrapper'), entry: join(folder, 'baton', 'main.cjs'), node }
}

async function writeScript(path: string, text: string): Promise<string> {
  await writeFile(path, `#!/bin/sh\n${text}\n`)
  await chmod(path, 0o755)
  return path
}

const lines = (text: string): string[] => text.trimEnd().split('\n')
const HEAP = [
  '--max-http-header-size',
  '81920',
  '--max-semi-space-size=6',
  '--max-old-space-size=116',
]
const AWS = ['--expose-gc', ...HEAP]
const ENTRY = '/var/runtime/index.mjs'

t.test('nodejs24.x: the flag that loses the code cache goes, the others stay', async t => {
  const { wrapper, node, entry } = await stage(t)
  const { code, stdout, stderr } = await run([wrapper, node, ...AWS, ENTRY])
  t.same([code, stderr], [0, ''])
  t.same(lines(stdout), [node, ...HEAP, entry])
})

t.test(
  'nodejs22.x: all flags stay, since the size of the heap loses the code cache anyway',
  async t => {
    const { wrapper, node, entry } = await stage(t)
    const env = { AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' }
    const { stdout } = await run([wrapper, node, ...AWS, ENTRY], env)
    t.same(lines(stdout), [node, ...AWS, entry])
  },
)

t.test(
  'BATON_NODE_FLAGS: fast drops the size of the heap on Node 22, aws keeps everything',
  async t => {
    const { wrapper, node, entry } = await stage(t)
    for (const [flags, major, kept] of [
      ['fast', '22', HEAP.slice(0, 2)],
      ['fast', '24', HEAP],
      ['aws', '22', AWS],
      ['aws', '24', AWS],
    ] as const) {
      const env = { BATON_NODE_FLAGS: flags, AWS_EXECUTION_ENV: `AWS_Lambda_nodejs${major}.x` }
      const { stdout } = await run([wrapper, node, ...AWS, ENTRY], env)
      t.same(lines(stdout), [node, ...kept, entry], `${flags} on ${major}`)
    }
  },
)

t.test('BATON_DEBUG says what was done, on stderr', async t => {
  const { wrapper, node } = await stage(t)
  const { stdout, stderr } = await run([wrapper, node, ...AWS, ENTRY], { BATON_DEBUG: '1' })
  t.match(stderr, /^baton-wrapper: left out: --expose-gc; starting: .*\/main\.cjs\n$/)
  t.equal(lines(stdout)[0], node)
})

t.test('blanks and quotes in arguments and paths stay what they are', async t => {
  const { wrapper, node, entry } = await stage(t, `a 'b" $c`)
  const odd = [`--title=a b`, `--x="$HOME"`, '', '*']
  const { stdout } = await run([wrapper, node, ...odd, ENTRY])
  t.same(stdout.slice(0, -1).split('\n'), [node, ...odd, entry])
})

t.test('another wrapper is started with the whole command line, once', async t => {
  const here = await stage(t)
  const next = await writeScript(`${here.wrapper}-next`, `printf 'next: %s\\n' "$@"; exec "$@"`)
  const { stdout } = await run([here.wrapper, here.node, ...AWS, ENTRY], {
    BATON_NEXT_WRAPPER: next,
  })
  const command = [here.node, ...HEAP, here.entry]
  t.same(lines(stdout), [...command.map(each => `next: ${each}`), ...command])
  const again = await writeScript(`${here.wrapper}-again`, `exec '${here.wrapper}' "$@"`)
  for (const each of [here.wrapper, again]) {
    const ended = await run([here.wrapper, here.node, ...AWS, ENTRY], { BATON_NEXT_WRAPPER: each })
    t.same(lines(ended.stdout), command, 'it does not go round in circles')
  }
})

t.test('another wrapper that is not there, and one that cannot be executed', async t => {
  const { wrapper, node } = await stage(t)
  const file = `${wrapper}-file`
  await writeFile(file, '')
  for (const [next, code, message] of [
    ['/nowhere/at all', 127, 'does not exist'],
    [file, 126, 'is not an executable'],
  ] as const) {
    const ended = await run([wrapper, node, ENTRY], { BATON_NEXT_WRAPPER: next })
    t.same(ended, { code, stdout: '', stderr: `baton-wrapper: ${next}: ${message}\n` })
  }
})

t.test('on an older Node the function is served without Baton', async t => {
  const { wrapper, node } = await stage(t)
  for (const [major, isOurs] of [
    ['18', false],
    ['20', false],
    ['22', true],
  ] as const) {
    const env = { AWS_EXECUTION_ENV: `AWS_Lambda_nodejs${major}.x` }
    const { stdout, stderr } = await run([wrapper, node, ...AWS, ENTRY], env)
    t.equal(lines(stdout).at(-1) !== ENTRY, isOurs, major)
    t.equal(stderr === '', isOurs, major)
  }
})

t.test('without a command line it says what it expected', async t => {
  const { wrapper, node } = await stage(t)
  for (const args of [[], [node]]) {
    const { code, stderr } = await run([wrapper, ...args])
    t.equal(code, 1)
    t.match(stderr, 'baton-wrapper: expected a command line')
  }
})

t.test('named as the wrapper of our own bootstrap it is started once', async t => {
  const { wrapper, node, entry } = await stage(t)
  const layer = join(wrapper, '..', 'layer')
  await mkdir(join(layer, 'baton', 'bin'), { recursive: true })
  await cp(join(WRAPPER, '..', 'layer-x64', 'bootstrap'), join(layer, 'bootstrap'))
  await cp(node, join(layer, 'baton', 'bin', 'node'))
  const { code, stdout } = await run([join(layer, 'bootstrap')], {
    AWS_LAMBDA_EXEC_WRAPPER: wrapper,
  })
  t.equal(code, 0)
  t.same(lines(stdout), [join(layer, 'baton', 'bin', 'node'), ...HEAP.slice(0, 2), entry])
})

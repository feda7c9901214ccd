// C5, C6: the bootstrap does on provided.* what AWS's own runtimes do before they start Node: the user's wrapper, and the
// environment that layers and code rely on.
import { execFile } from 'node:child_process'
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { LAYER, NODE_MAJOR, startFunction } from '../helpers/function.ts'
import { startCollector } from '../helpers/otlp.ts'

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** By way of `env -i`: the test runner adds to the environment of what it sees started. */
function run(command: readonly string[], env: Record<string, string>, cwd = '/'): Promise<Ended> {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  return new Promise(resolve => {
    execFile('/usr/bin/env', ['-i', ...variables, ...command], { cwd }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })
}

async function writeScript(path: string, text: string): Promise<string> {
  await writeFile(path, `#!/bin/sh\n${text}\n`)
  await chmod(path, 0o755)
  return path
}

interface Stage {
  readonly folder: string
  readonly bootstrap: string
  readonly node: string
}

/** The bootstrap in a folder of its own, and in place of Node a script that tells what it was started with. */
async function stage(t: Test, name = 'layer'): Promise<Stage> {
  const scratch = await mkdtemp(join(tmpdir(), 'baton-wrapper-'))
  t.teardown(() => rm(scratch, { recursive: true, force: true }))
  const folder = join(scratch, name)
  await mkdir(join(folder, 'baton', 'bin'), { recursive: true })
  await copyFile(join(LAYER, 'bootstrap'), join(folder, 'bootstrap'))
  await writeFile(join(folder, 'baton', 'bin', 'node-major'), '24\n')
  const node = join(folder, 'baton', 'bin', 'node')
  await writeScript(
    node,
    `for each in "$0" "$@" "NODE_PATH=$NODE_PATH" "TZ=$TZ" "LANG=\${LANG-unset}"; do printf '%s\\n' "$each"; done`,
  )
  return { folder, bootstrap: join(folder, 'bootstrap'), node }
}

/** What Node is started with. */
function nodeArguments({ folder, node }: Stage): string[] {
  return [
    node,
    '--min-semi-space-size=2',
    ...['--max-http-header-size', '81920', join(folder, 'baton', 'main.cjs')],
  ]
}

const lines = (text: string): string[] => text.trimEnd().split('\n')

/** No folder of programs: what the script needs is built into the shell. */
const NO_PROGRAMS = { PATH: '/nowhere' }

t.test('without a wrapper Node is started as it is', async t => {
  const here = await stage(t)
  const { code, stdout, stderr } = await run([here.bootstrap], NO_PROGRAMS)
  t.same([code, stderr], [0, ''])
  t.same(lines(stdout), [
    ...nodeArguments(here),
    'NODE_PATH=/opt/nodejs/node24/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules:/var/task',
    'TZ=:UTC',
    'LANG=unset',
  ])
})

t.test(
  'what NODE_OPTIONS says of the heap stands, and an older Node gets no flag of it',
  async t => {
    const here = await stage(t)
    const memory = { ...NO_PROGRAMS, AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128' }
    const own = { ...memory, NODE_OPTIONS: '--max-semi-space-size=8 --max_old_space_size=100' }
    const flagsWith = async (env: Readonly<Record<string, string>>): Promise<string[]> =>
      lines((await run([here.bootstrap], env)).stdout).filter(each => each.includes('space-size'))
    t.same(await flagsWith(memory), ['--max-old-space-size=116', '--min-semi-space-size=2'])
    t.same(await flagsWith(own), [])
    await writeFile(join(here.folder, 'baton', 'bin', 'node-major'), '22\n')
    t.same(await flagsWith(memory), [])
  },
)

t.test('C5 a wrapper is started with the whole command, once', async t => {
  const here = await stage(t, `a 'b" $c`)
  const wrapper = await writeScript(
    join(here.folder, 'my wrapper'),
    `printf 'wrapped: %s\\n' "$@"; exec "$@"`,
  )
  const { code, stdout, stderr } = await run([here.bootstrap], {
    ...NO_PROGRAMS,
    AWS_LAMBDA_EXEC_WRAPPER: wrapper,
  })
  t.same([code, stderr], [0, ''])
  t.same(lines(stdout).slice(0, 10), [
    ...nodeArguments(here).map(each => `wrapped: ${each}`),
    ...nodeArguments(here),
  ])
})

t.test('C5 a wrapper that starts the bootstrap again does not go round in circles', async t => {
  const here = await stage(t)
  for (const wrapper of [
    here.bootstrap,
    await writeScript(join(here.folder, 'again'), `echo again; exec '${here.bootstrap}'`),
    await writeScript(join(here.folder, 'args'), `exec '${here.bootstrap}' "$@"`),
  ]) {
    const { code, stdout } = await run([here.bootstrap], {
      ...NO_PROGRAMS,
      AWS_LAMBDA_EXEC_WRAPPER: wrapper,
    })
    t.equal(code, 0)
    t.same(lines(stdout.replace(/^again\n/, '')).slice(0, 5), nodeArguments(here), wrapper)
  }
})

t.test('C6 a wrapper that is not there, and one that cannot be executed', async t => {
  const here = await stage(t)
  const file = join(here.folder, 'a file')
  await writeFile(file, '')
  for (const [wrapper, code, message] of [
    ['/nowhere/at all', 127, 'does not exist'],
    [here.folder, 127, 'does not exist'],
    [file, 126, 'is not an executable'],
  ] as const) {
    const ended = await run([here.bootstrap], { ...NO_PROGRAMS, AWS_LAMBDA_EXEC_WRAPPER: wrapper })
    t.same(ended, { code, stdout: `${wrapper}: ${message}\n`, stderr: '' })
  }
})

t.test('an empty name is no wrapper', async t => {
  const here = await stage(t)
  const { code, stdout } = await run([here.bootstrap], { AWS_LAMBDA_EXEC_WRAPPER: '' })
  t.equal(code, 0)
  t.same(lines(stdout).slice(0, 5), nodeArguments(here))
})

t.test('what the user has set stands', async t => {
  const here = await stage(t)
  const { stdout } = await run([here.bootstrap], {
    NODE_PATH: '/my/modules',
    TZ: 'Europe/Berlin',
    LANG: 'C.UTF-8',
  })
  t.same(lines(stdout).slice(5), ['NODE_PATH=/my/modules', 'TZ=Europe/Berlin', 'LANG=C.UTF-8'])
})

t.test('NODE_PATH follows the folders that Lambda names, and Node is the one there is', async t => {
  const here = await stage(t)
  const env = { LAMBDA_TASK_ROOT: '/my task', LAMBDA_RUNTIME_DIR: '/my runtime' }
  const tail = '/opt/nodejs/node_modules:/my runtime/node_modules:/my task'
  const nodePath = async (): Promise<string | undefined> =>
    lines((await run([here.bootstrap], env)).stdout).find(line => line.startsWith('NODE_PATH='))
  t.equal(await nodePath(), `NODE_PATH=/opt/nodejs/node24/node_modules:${tail}`)
  await writeFile(join(here.folder, 'baton', 'bin', 'node-major'), '26\n')
  t.equal(await nodePath(), `NODE_PATH=/opt/nodejs/node26/node_modules:${tail}`)
  await rm(join(here.folder, 'baton', 'bin', 'node-major'))
  t.equal(await nodePath(), `NODE_PATH=${tail}`)
})

t.test('of a Node on the PATH the version is not known', async t => {
  const here = await stage(t)
  const elsewhere = join(here.folder, 'elsewhere')
  await mkdir(elsewhere)
  await copyFile(here.node, join(elsewhere, 'node'))
  await rm(here.node)
  const { stdout } = await run([here.bootstrap], { PATH: elsewhere })
  t.same(lines(stdout).slice(0, 5), [
    join(elsewhere, 'node'),
    ...nodeArguments(here).filter(each => each !== here.node && !each.includes('space')),
    'NODE_PATH=/opt/nodejs/node_modules:/var/runtime/node_modules:/var/task',
  ])
})

t.test('started by a relative path it finds itself, also from another folder', async t => {
  const here = await stage(t)
  const wrapper = await writeScript(join(here.folder, 'away'), `cd /; exec "$@"`)
  for (const [cwd, command] of [
    [here.folder, './bootstrap'],
    [join(here.folder, 'baton'), '../bootstrap'],
  ] as const) {
    const ended = await run([command], { AWS_LAMBDA_EXEC_WRAPPER: wrapper }, cwd)
    t.equal(ended.code, 0, ended.stderr)
    t.match(lines(ended.stdout)[4], /\/baton\/main\.cjs$/)
  }
})

t.test('every shell that may be /bin/sh does the same', async t => {
  const here = await stage(t)
  const wrapper = await writeScript(join(here.folder, 'wrapper'), 'exec "$@"')
  const shells = [
    ['dash'],
    ['bash', '--posix'],
    ['busybox', 'ash'],
    ['mksh'],
    ['zsh', '--emulate', 'sh'],
  ]
  let tried = 0
  for (const shell of shells) {
    const env = { PATH: '/usr/local/bin:/usr/bin:/bin', AWS_LAMBDA_EXEC_WRAPPER: wrapper }
    const { stdout, stderr, code } = await run([...shell, here.bootstrap], env)
    // 127 is what env says of a shell that is not installed.
    if (code === 127 && stderr.includes('No such file')) continue
    tried++
    t.same(lines(stdout).slice(0, 5), nodeArguments(here), shell.join(' '))
    t.equal(stderr, '')
  }
  t.ok(tried > 0)
})

t.test('the build says which Node the layer has', async t => {
  const major = await readFile(join(LAYER, 'baton', 'bin', 'node-major'), 'utf8')
  t.equal(major, `${NODE_MAJOR}\n`)
})

t.test(
  'C5 the layer itself: traced, wrapped, its code cache in use, headers up to 80 kB',
  async t => {
    const here = await stage(t)
    const wrapper = await writeScript(join(here.folder, 'wrapper'), 'export WRAPPED=yes; exec "$@"')
    await using collector = await startCollector()
    await using fn = await startFunction({
      files: {
        'index.js': `exports.handler = async () => [
        process.env.WRAPPED, process.execArgv, require('node:http').maxHeaderSize, process.env.NODE_PATH.split(':')[0]]`,
      },
      events: [{}],
      env: { AWS_LAMBDA_EXEC_WRAPPER: wrapper, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
    })
    await fn.answered(1)
    t.same(JSON.parse(fn.api.posts[0]?.body ?? ''), [
      'yes',
      [
        // Nine tenths of 128 MB, where the code cache bears the flags.
        ...(NODE_MAJOR < 24 ? [] : ['--max-old-space-size=116', '--min-semi-space-size=2']),
        ...['--max-http-header-size', '81920'],
      ],
      81920,
      `/opt/nodejs/node${NODE_MAJOR}/node_modules`,
    ])
    await collector.waitForSpans(1)
    t.equal(fn.stdout() + fn.stderr(), '')
  },
)

t.test('SIGTERM reaches the runtime through a wrapper that has become it', async t => {
  const here = await stage(t)
  const wrapper = await writeScript(join(here.folder, 'wrapper'), 'exec "$@"')
  await using fn = await startFunction({
    files: { 'index.js': 'exports.handler = async () => 1' },
    events: [{}],
    env: { AWS_LAMBDA_EXEC_WRAPPER: wrapper, BATON_SHUTDOWN_HOOK: 'on' },
  })
  await fn.answered(1)
  fn.process.kill('SIGTERM')
  t.same(await fn.exit, { code: 0, signal: null })
})

t.test('modules of a layer are found by their bare name', async t => {
  const here = await stage(t)
  const modules = join(here.folder, 'opt', 'node_modules', 'from-layer')
  await mkdir(modules, { recursive: true })
  await writeFile(join(modules, 'index.js'), 'module.exports = 5')
  await using fn = await startFunction({
    files: {
      'lib/five.js': 'module.exports = 5',
      'src/index.js': 'exports.handler = async () => require("from-layer") + require("lib/five")',
    },
    handler: 'src/index.handler',
    events: [{}],
    // The folder of the function is found without a relative path, as on AWS.
    env: { LAMBDA_RUNTIME_DIR: join(here.folder, 'opt') },
  })
  await fn.answered(1)
  t.equal(fn.api.posts[0]?.body, '10')
})

// The image for functions, with a shell and without one: on Lambda, and on a machine of one's own.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { realEmulator } from './helpers/counterparts.ts'
import { docker, tryDocker } from './helpers/engine.ts'
import {
  arm64Image,
  buildImage,
  CONSTRAINTS,
  debianImage,
  distrolessImage,
  invokeByHttp,
  ROOT,
  startContainer,
} from './helpers/images.ts'
import { serveTraced } from './helpers/traced.ts'

const standard = await buildImage('baton-test:standard', { base: await debianImage() })
const shellLess = await buildImage('baton-test:shell-less', {
  base: await distrolessImage(),
  target: 'shell-less',
})
const IMAGES = { standard, 'shell-less': shellLess }
const USER = '--user=993:990'

/** What the image adds to its base; docs/images.md says so. */
const SIZE_BUDGET_BYTES = 115_000_000

async function folder(t: Test, files: Readonly<Record<string, string>>): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'baton-files-'))
  t.teardown(() => rm(path, { recursive: true, force: true }))
  await chmod(path, 0o755)
  for (const [name, text] of Object.entries(files))
    await writeFile(join(path, name), text, { mode: 0o755 })
  return path
}

for (const [name, image] of Object.entries(IMAGES)) {
  t.test(`${name}: a traced invocation under Lambda's constraints`, async t => {
    const served = await serveTraced(t, { image, mounts: {}, command: ['index.handler'] })
    t.match(served, {
      arch: 'x64',
      execPath: '/var/runtime/baton/bin/node',
      execArgv: [
        '--max-old-space-size=116',
        '--min-semi-space-size=2',
        '--max-http-header-size',
        '81920',
      ],
    })
  })

  t.test(`${name}: without one argument it ends with 142, as AWS's`, async t => {
    for (const args of [[], ['a.handler', 'b']]) {
      const { code, stderr } = await tryDocker([
        ...['run', '--rm', '--pull=never', ...CONSTRAINTS, USER, image],
        ...args,
      ])
      t.equal(code, 142)
      t.match(stderr, /^entrypoint requires the handler name to be the first argument$/m)
    }
  })

  t.test(`${name}: where there is no Lambda, an emulator answers, and shows the trace`, async t => {
    const code =
      'exports.handler = async event => ({ event, memory: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE, mine: process.env.MINE })'
    const task = await folder(t, { 'index.js': code })
    const container = await startContainer(t, [
      ...[...CONSTRAINTS, USER, '--publish=127.0.0.1::8080', '--env=MINE=1'],
      ...[`--volume=${task}:/var/task:ro`, image, 'index.handler'],
    ])
    const response = await invokeByHttp(await container.url(8080), { a: 1 })
    t.strictSame(await response.json(), { event: { a: 1 }, memory: '3008', mine: '1' })
    await container.logged(/^trace [0-9a-f]{32}$/m)
    await container.logged(/cold start/)
  })

  t.test(`${name}: AWS's own emulator is taken where it is in the image`, async t => {
    const code =
      'exports.handler = async (event, context) => ({ event, arn: context.invokedFunctionArn })'
    const task = await folder(t, { 'index.js': code })
    const container = await startContainer(t, [
      ...[...CONSTRAINTS, USER, '--publish=127.0.0.1::8080', `--volume=${task}:/var/task:ro`],
      ...[`--volume=${await realEmulator()}:/usr/local/bin/aws-lambda-rie:ro`, image],
      'index.handler',
    ])
    const response = await invokeByHttp(await container.url(8080), { a: 1 })
    const body = await response.text()
    t.match(JSON.parse(body), { event: { a: 1 }, arn: /function:test_function$/ })
  })

  t.test(`${name}: an exec wrapper is started once, with Node's command line`, async t => {
    const wrapper =
      '#!/var/lang/bin/node\nprocess.env.WRAPPED = process.argv.slice(2).join(" ")\nprocess.execve(process.argv[2], process.argv.slice(2), process.env)'
    const files = await folder(t, { wrapper })
    const served = await serveTraced(t, {
      ...{ image, mounts: { '/opt': files }, command: ['index.handler'] },
      env: {
        AWS_LAMBDA_EXEC_WRAPPER: '/opt/wrapper',
        NODE_NO_WARNINGS: '1',
        PROBE: '({ wrapped: process.env.WRAPPED })',
      },
      cpus: 1,
    })
    const node = '/var/runtime/baton/bin/node --max-old-space-size=116 --min-semi-space-size=2'
    t.equal(served.wrapped, `${node} --max-http-header-size 81920 /var/runtime/baton/main.cjs`)
  })

  t.test(`${name}: a wrapper that cannot be started ends it with 127 or 126`, async t => {
    const files = await folder(t, { plain: '' })
    await chmod(join(files, 'plain'), 0o644)
    for (const [wrapper, code, reason] of [
      ['/opt/missing', 127, 'does not exist'],
      ['/opt/plain', 126, 'is not an executable'],
    ] as const) {
      const variables = { AWS_LAMBDA_EXEC_WRAPPER: wrapper, AWS_LAMBDA_RUNTIME_API: '127.0.0.1:1' }
      const env = Object.entries(variables).map(([key, value]) => `--env=${key}=${value}`)
      const ended = await tryDocker([
        ...['run', '--rm', '--pull=never', ...CONSTRAINTS, USER, ...env],
        ...[`--volume=${files}:/opt:ro`, image, 'index.handler'],
      ])
      t.match(ended, { code, stdout: `${wrapper}: ${reason}\n` })
    }
  })
}

t.test('a function in an image of its own, by the example that the documents show', async t => {
  await docker(['tag', standard, 'baton'])
  const file = ['--file', join(ROOT, 'examples', 'deploy', 'image', 'after', 'Dockerfile')]
  const what = ['--quiet', '--tag', 'baton-test:orders', ...file, join(ROOT, 'examples', 'orders')]
  await docker(['build', ...what], { env: { DOCKER_BUILDKIT: '1' } })
  const inspected = await docker([
    'image',
    'inspect',
    '--format={{json .Config}}',
    'baton-test:orders',
  ])
  t.match(JSON.parse(inspected), { Cmd: ['index.handler'], Entrypoint: ['/lambda-entrypoint.sh'] })
  const listed = await docker([
    ...['run', '--rm', '--pull=never', '--entrypoint=/bin/ls', 'baton-test:orders'],
    '/var/task',
  ])
  t.equal(listed, 'index.js\norder.js\npackage.json\n')
})

t.test('arm64: a traced invocation under emulation', async t => {
  const base = await arm64Image()
  const image = await buildImage('baton-test:arm64', { base, platform: 'linux/arm64' })
  const served = await serveTraced(t, {
    ...{ image, mounts: {}, command: ['index.handler'] },
    ...{ platform: 'linux/arm64', memoryMb: 512, cpus: 2 },
  })
  t.match(served, { arch: 'arm64' })
})

t.test('shell-less: there is no shell', async t => {
  const { code } = await tryDocker([
    'run',
    '--rm',
    '--pull=never',
    '--entrypoint=/bin/sh',
    shellLess,
  ])
  t.equal(code, 127)
})

t.test('on nothing: FROM scratch, with a layer that brings its own libc', async t => {
  const image = await buildImage('baton-test:scratch', {
    ...{ base: 'scratch', target: 'shell-less', build: 'x64-24-al2' },
  })
  const mounts = { '/opt': await folder(t, {}) }
  const served = await serveTraced(t, { image, mounts, command: ['index.handler'], cpus: 1 })
  t.match(served, { version: '24.21.0', execPath: '/var/runtime/baton/bin/node' })
})

t.test('the image keeps its budget over its base', async t => {
  const bytes = async (image: string) =>
    Number(await docker(['image', 'inspect', '--format={{.Size}}', image]))
  const added = (await bytes(standard)) - (await bytes(await debianImage()))
  t.ok(added < SIZE_BUDGET_BYTES, `${added} bytes`)
  t.comment(`standard adds ${added}; the distroless one is ${await bytes(shellLess)} in all`)
})

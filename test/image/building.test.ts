// `npx baton build` as docs/building.md shows it. In a folder of the test's own, without zips and for one architecture: that a
// zip is what is in the folder, and within its budget, stands in artefacts.test.ts.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import t from 'tap'
import { LICENSE_PACKAGES, libcPackages } from '../../docker/libc/packages.ts'
import { documented } from '../helpers/snippets.ts'
import { type BuildName, built } from './helpers/artefacts.ts'
import { installerEnv, MIRROR } from './helpers/counterparts.ts'
import { ROOT } from './helpers/images.ts'
import { tryRun } from './helpers/run.ts'

/** What the runner has built in the same way, by the options that say so. */
const SAME: readonly (readonly [options: RegExp, build: BuildName, folder: string])[] = [
  [/--node 22\.23\.3 --arch arm64 /, 'arm64-22', 'layer-arm64'],
  [/--node 26\.10\.0 --os al2 /, 'x64-26-al2', 'layer-x64'],
]

/** Every file of it with its hash. */
async function contentOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter(each => each.isFile()).map(each => join(each.parentPath, each.name))
  const hash = async (file: string) =>
    createHash('sha256')
      .update(await readFile(file))
      .digest('hex')
  return Object.fromEntries(
    await Promise.all(files.map(async file => [relative(folder, file), await hash(file)])),
  )
}

// What `npm run build` leaves there; a run of these tests alone has it elsewhere.
if (!existsSync(join(ROOT, 'dist', 'cli')))
  await cp(built('default', 'cli'), join(ROOT, 'dist', 'cli'), { recursive: true })

for (const command of documented('baton build'))
  t.test(command, async t => {
    const out = await mkdtemp(join(tmpdir(), 'baton-built-'))
    t.teardown(() => rm(out, { recursive: true, force: true }))
    const arch = command.includes('--arch') ? '' : '--arch x64'
    const mine = `${command.replace(/ --out \S+/, '')} --no-zip ${arch} --out ${out}`
    // The registry is the developer's own; the command itself is that of this repository.
    const ended = await tryRun(['sh', '-euc', mine], { cwd: ROOT, env: installerEnv() })
    t.equal(ended.code, 0, ended.stderr)
    const [, build, folder = ''] = SAME.find(([options]) => options.test(`${command} `)) ?? []
    if (build !== undefined) {
      t.strictSame(await contentOf(join(out, folder)), await contentOf(built(build, folder)))
    } else {
      t.match(command, '--wrapper')
      const [, version] = /--node (\S+)/.exec(command) ?? []
      const cache = `baton/runtime-v${version}-x64.cache`
      t.ok(cache in (await contentOf(join(out, 'wrapper'))), cache)
    }
  })

t.test('`--libc` builds the same layer without a mirror', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'baton-debs-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  for (const { path } of [...libcPackages('x64'), ...LICENSE_PACKAGES]) {
    const response = await fetch(`${MIRROR}/${path}_amd64.deb`)
    t.equal(response.status, 200, path)
    const name = `${path.replace(/.*\//, '')}_amd64.deb`
    await writeFile(join(folder, name), Buffer.from(await response.arrayBuffer()))
  }
  const out = join(folder, 'out')
  const what = ['--node', '24.21.0', '--arch', 'x64', '--os', 'al2', '--libc', folder]
  const command = [process.execPath, 'docker/build.ts', ...what, '--no-zip', '--out', out]
  const env = { ...installerEnv(), BATON_DEBIAN_MIRROR: 'http://127.0.0.1:1' }
  const ended = await tryRun(command, { cwd: ROOT, env })
  t.equal(ended.code, 0, ended.stderr)
  const layers = [join(out, 'layer-x64'), built('x64-24-al2', 'layer-x64')] as const
  t.strictSame(await contentOf(layers[0]), await contentOf(layers[1]))
  await rm(join(folder, 'out'), { recursive: true })
  const without = await tryRun(
    command.filter(each => each !== '--libc' && each !== folder),
    { cwd: ROOT, env },
  )
  t.match(without, { code: 1, stderr: /libc6_\S+_amd64\.deb \(SHA-256 .*named by --libc/ })
})

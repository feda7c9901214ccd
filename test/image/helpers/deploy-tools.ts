// The tools that check examples/deploy, installed into the cache, and a copy of the examples where they find both the
// tools and what the runner has built.
import { createHash } from 'node:crypto'
import { cp, mkdir, readFile, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { built } from './artefacts.ts'
import { cached } from './cache.ts'
import { installerEnv } from './counterparts.ts'
import { ROOT } from './images.ts'
import { run } from './run.ts'

const MANIFESTS = join(ROOT, 'test', 'image', 'deploy-tools')

/** Absolute path of the copy of the repository's `examples/`; `dist/` is beside it. */
export async function workOnExamples(): Promise<string> {
  const lock = await readFile(join(MANIFESTS, 'package-lock.json'))
  const digest = createHash('sha256').update(lock).digest('hex').slice(0, 12)
  const tools = await cached(`deploy-tools-${digest}`, async folder => {
    for (const name of ['package.json', 'package-lock.json'])
      await cp(join(MANIFESTS, name), join(folder, name))
    await run(['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: folder,
      env: installerEnv(),
    })
  })
  const work = join(tools, 'work')
  await rm(work, { recursive: true, force: true })
  await mkdir(work)
  await symlink(built('default', '.'), join(work, 'dist'))
  await cp(join(ROOT, 'examples'), join(work, 'examples'), { recursive: true })
  return join(work, 'examples')
}

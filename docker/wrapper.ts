// The layer for AWS's managed runtimes: exactly what stands in /opt there, without a Node. It may have code caches for
// versions that AWS might run; one that fits is used, any other Node compiles the source.
import { chmod, copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildRuntime, UNTRAINED_NAMES } from './bundle.ts'
import { writeCodeCache } from './code-cache.ts'
import type { Architecture } from './elf/image.ts'
import { type Component, npmComponent, ourComponent, writeLicenses } from './licenses.ts'
import { findCommand } from './node/run.ts'
import { fetchNode } from './node/source.ts'
import type { Report } from './report.ts'
import { makeScratch } from './scratch.ts'

/**
 * Builds it in `folder`, which is empty, with caches for these versions of Node on one architecture: it serves on the other
 * too, but a second cache, of 0.2 MB zipped, would not fit into the half megabyte that it may have. Answers what is in it.
 */
export async function buildWrapper(
  root: string,
  architecture: Architecture,
  versions: readonly string[],
  folder: string,
  report: Report,
): Promise<readonly Component[]> {
  const baton = join(folder, 'baton')
  await mkdir(baton, { recursive: true })
  const packages = await buildRuntime(root, baton, 'by version')
  await copyFile(join(root, 'bootstrap', 'baton-wrapper'), join(folder, 'baton-wrapper'))
  await chmod(join(folder, 'baton-wrapper'), 0o755)
  for (const version of versions) {
    const isThere = await addCodeCache(root, baton, version, architecture)
    const what = `code cache for Node ${version} on ${architecture}`
    report(`wrapper: ${isThere ? what : `no ${what}: this machine cannot start it`}`)
  }
  const components = [await ourComponent(root), ...(await Promise.all(packages.map(npmComponent)))]
  await writeLicenses(components, join(baton, 'LICENSES.txt'))
  return components
}

async function addCodeCache(
  root: string,
  baton: string,
  version: string,
  architecture: Architecture,
): Promise<boolean> {
  const request = { architecture, version, from: undefined, integrity: undefined }
  const { binary } = await fetchNode(root, request)
  await using scratch = await makeScratch('baton-node-')
  const node = join(scratch.folder, 'node')
  await writeFile(node, binary, { mode: 0o755 })
  const command = await findCommand(node, architecture)
  if (command === undefined) return false
  const suffix = `-v${version}-${architecture}`
  await writeCodeCache(root, baton, suffix, command)
  // 46 kB of the half megabyte, for 0.2 ms of a function that has such a library.
  for (const name of UNTRAINED_NAMES) await rm(join(baton, `${name}${suffix}.cache`))
  return true
}

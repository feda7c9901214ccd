// Builds what is deployed, under dist/: the layer for provided.al2023 with its zip, and the command line.
//   node docker/build.ts [--no-zip]
// Needs Node 24, which `npm ci` brings along and `npm run` puts first in the PATH.
import { chmod, copyFile, mkdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildCli, buildRuntime } from './bundle.ts'
import { writeCodeCache } from './code-cache.ts'
import { installNode } from './node-binary.ts'
import { checkBudget, formatBytes, sizeOfFolder } from './size.ts'
import { zipFolder } from './zip.ts'

const ROOT = dirname(import.meta.dirname)
const DIST = join(ROOT, 'dist')
/** What the layer may weigh without Node: what every cold start reads besides it. */
const LAYER_BUDGET_BYTES = 600_000

const { values } = parseArgs({ options: { 'no-zip': { type: 'boolean', default: false } } })

async function buildLayer(): Promise<string> {
  // Built aside and moved into place whole: what runs from the old one is not disturbed.
  const layer = join(DIST, `layer-x64.${process.pid}`)
  await mkdir(join(layer, 'baton', 'bin'), { recursive: true })
  await buildRuntime(ROOT, join(layer, 'baton'))
  await copyFile(join(ROOT, 'bootstrap', 'bootstrap'), join(layer, 'bootstrap'))
  await chmod(join(layer, 'bootstrap'), 0o755)
  const node = join(layer, 'baton', 'bin', 'node')
  report(`dist/layer-x64/baton/bin/node: ${await installNode(ROOT, 'x64', node)}`)
  await writeCodeCache(ROOT, join(layer, 'baton'), node)
  const bytes = (await sizeOfFolder(layer)) - (await stat(node)).size
  checkBudget('the layer without Node', bytes, LAYER_BUDGET_BYTES)
  report(`dist/layer-x64: ${formatBytes(bytes)} without Node`)
  const target = join(DIST, 'layer-x64')
  await rm(target, { recursive: true, force: true })
  await rename(layer, target)
  return target
}

function report(line: string): void {
  process.stdout.write(`${line}\n`)
}

const layer = await buildLayer()
await buildCli(ROOT, join(DIST, 'cli'))
if (!values['no-zip']) {
  const zip = join(DIST, 'baton-x64.zip')
  report(`dist/baton-x64.zip: ${formatBytes(await zipFolder(layer, zip))}`)
}

// Who is measured. A contender is a command that starts a runtime; what differs in its environment stands beside it.

import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { installContender } from './install.ts'

export type Contender = {
  name: string
  command: string
  args: string[]
  /** Set on top of the environment that all contenders share. */
  env: Record<string, string>
  /** Whether it must have exported by the end of a run: if it has not, its figures are void. */
  exports: boolean
}

export type Surroundings = {
  root: string
  /** The one Node file that starts everyone. */
  node: string
  /** Where traced contenders send their spans. */
  collector: string
  /** A folder that is removed at the end. */
  scratch: string
}

/** The contender that ratios refer to. */
export const REFERENCE = 'ric'

/** The contenders of a default run, by name. */
export const DEFAULT_NAMES: readonly string[] = [REFERENCE, 'baton-untraced', 'baton-traced']

/** Traced, but no module is hooked and no library's channel is listened to. */
const WITHOUT_LIBRARIES = 'baton-without-libraries'

/** All there are. */
export const CONTENDER_NAMES: readonly string[] = [...DEFAULT_NAMES, WITHOUT_LIBRARIES]

/** Makes a contender ready to be started; the first time this may install it, which takes a minute. */
export function prepareContender(name: string, around: Surroundings): Contender {
  if (name === REFERENCE) return prepareRic(around)
  const baton = prepareBaton(name, defaultLayer(around.root), name !== 'baton-untraced', around)
  if (name !== WITHOUT_LIBRARIES) return baton
  const without = { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http', BATON_LOG_TRACE_IDS: 'none' }
  return { ...baton, env: { ...baton.env, ...without } }
}

/** Baton as it stands in `layer`, but on the common Node file. */
export function prepareBaton(
  name: string,
  layer: string,
  isTraced: boolean,
  around: Surroundings,
): Contender {
  if (!existsSync(join(layer, 'bootstrap'))) {
    throw new Error(`${name}: expected ${join(layer, 'bootstrap')}; run "npm run build" first`)
  }
  const staged = join(around.scratch, name)
  const ownNode = nodeOf(layer)
  cpSync(layer, staged, { recursive: true, filter: file => file !== ownNode })
  mkdirSync(dirname(nodeOf(staged)), { recursive: true })
  rmSync(nodeOf(staged), { force: true })
  symlinkSync(around.node, nodeOf(staged))
  const env: Record<string, string> = isTraced
    ? { OTEL_EXPORTER_OTLP_ENDPOINT: around.collector }
    : {}
  return { name, command: join(staged, 'bootstrap'), args: [], env, exports: isTraced }
}

/** The layer's own Node, or the one of node_modules before the first build. */
export function defaultNode(root: string): string {
  const inLayer = nodeOf(defaultLayer(root))
  if (existsSync(inLayer)) return inLayer
  return join(root, 'node_modules', `node-linux-${process.arch}`, 'bin/node')
}

/** AWS's own runtime client, untraced, with no V8 flags: the fastest that a user can have today. */
function prepareRic({ root, node }: Surroundings): Contender {
  const folder = join(root, 'test/bench/contenders/ric')
  installContender(folder, 'aws-lambda-ric', { root, node })
  const entry = join(folder, 'node_modules/aws-lambda-ric/index.mjs')
  return { name: REFERENCE, command: node, args: [entry, 'index.handler'], env: {}, exports: false }
}

function defaultLayer(root: string): string {
  return join(root, 'dist', process.arch === 'arm64' ? 'layer-arm64' : 'layer-x64')
}

function nodeOf(layer: string): string {
  return join(layer, 'baton/bin/node')
}

// The command line of the build -> what to build. Pure; throws a `UsageError` that names the option.
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { UsageError } from '../local/cli/errors.ts'
import type { Architecture } from './elf/image.ts'

/** The systems that a layer can be for: Amazon Linux 2023, and Amazon Linux 2 with its glibc 2.26. */
export const SYSTEMS = ['al2023', 'al2'] as const
export type System = (typeof SYSTEMS)[number]

export interface BuildRequest {
  readonly layers: readonly LayerRequest[]
  readonly wrappers: readonly WrapperRequest[]
  readonly hasCli: boolean
  readonly hasZips: boolean
  /** As given; `dist` in the repository without one. */
  readonly out: string | undefined
}

export interface WrapperRequest {
  readonly architecture: Architecture
  /** Of Node, whose code caches go into it; empty: the pinned one. */
  readonly versions: readonly string[]
}

export interface LayerRequest {
  readonly architecture: Architecture
  readonly system: System
  /** `undefined`: the one that package.json pins. */
  readonly version: string | undefined
  /** A file, a folder, a tarball, or the base address of a mirror of nodejs.org/dist; `undefined`: npm. */
  readonly from: string | undefined
  /** `sha512-…`, as npm writes it, of the tarball or the file. */
  readonly integrity: string | undefined
  /** A folder with the packages of Debian that a layer for `al2` brings; `undefined`: a mirror. */
  readonly libc: string | undefined
  readonly hasCodeCache: boolean
}

const OPTIONS = {
  node: { type: 'string', multiple: true, default: [] },
  arch: { type: 'string' },
  os: { type: 'string' },
  from: { type: 'string' },
  integrity: { type: 'string' },
  libc: { type: 'string' },
  out: { type: 'string' },
  wrapper: { type: 'boolean', default: false },
  'no-code-cache': { type: 'boolean', default: false },
  'no-zip': { type: 'boolean', default: false },
} as const satisfies ParseArgsConfig['options']

const ARCHITECTURES = ['x64', 'arm64'] as const
/** The oldest that the runtime serves on. */
const OLDEST_MAJOR = 22

export function parseBuildArguments(args: readonly string[]): BuildRequest {
  const values = split(args)
  const versions = values.node.map(parseVersion)
  const { out } = values
  const hasZips = !values['no-zip']
  if (values.wrapper) {
    const { os, from, integrity, libc } = values
    refuseWith('--wrapper', { os, from, integrity, libc })
    const wrappers = parseArchitectures(values).map(architecture => ({ architecture, versions }))
    return { layers: [], wrappers, hasCli: false, hasZips, out }
  }
  const [version, another] = versions
  if (another !== undefined)
    throw new UsageError(`--node: expected one version, also got ${another}`)
  if (values.libc !== undefined && values.os !== 'al2')
    throw new UsageError('--libc: expected --os al2 with it, since no other layer brings a libc')
  const architectures = parseArchitectures(values)
  const layers = architectures.map(architecture => ({
    architecture,
    version,
    system: oneOf('--os', values.os ?? 'al2023', SYSTEMS),
    from: values.from,
    integrity: parseIntegrity(values.integrity),
    libc: values.libc,
    hasCodeCache: !values['no-code-cache'],
  }))
  // Whoever shapes a layer wants that one.
  const { arch, os, from, integrity } = values
  const shape = [version, arch, os, from, integrity]
  const isShaped = values['no-code-cache'] || shape.some(each => each !== undefined)
  if (isShaped) return { layers, wrappers: [], hasCli: false, hasZips, out }
  // Without zips it is the build that tests run on: one architecture, which this machine can start.
  const count = hasZips ? architectures.length : 1
  const wrappers = architectures.map(architecture => ({ architecture, versions: [] }))
  return {
    layers: layers.slice(0, count),
    wrappers: wrappers.slice(0, count),
    hasCli: true,
    hasZips,
    out,
  }
}

type Values = ReturnType<typeof split>

function split(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values
  } catch (error) {
    // parseArgs explains itself in several sentences, of which the first says what is wrong.
    const [reason] = (error as Error).message.split(/\. |\n/)
    throw new UsageError(reason)
  }
}

function refuseWith(option: string, others: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(others))
    if (value !== undefined) throw new UsageError(`--${name}: not together with ${option}`)
}

function parseVersion(text: string): string {
  const [, major] = /^v?(\d+)\.\d+\.\d+$/.exec(text) ?? []
  if (major === undefined || Number(major) < OLDEST_MAJOR)
    throw new UsageError(
      `--node: expected a version like 22.23.3, ${OLDEST_MAJOR} or newer, got ${JSON.stringify(text)}`,
    )
  return text.replace(/^v/, '')
}

/** Both, unless something is given that can be right for one only. */
function parseArchitectures({ arch, from, integrity }: Values): readonly Architecture[] {
  if (arch !== undefined) return [oneOf('--arch', arch, ARCHITECTURES)]
  const isPath = from !== undefined && !isAddress(from)
  if (isPath || integrity !== undefined)
    throw new UsageError('--arch: expected x64 or arm64 with --from or --integrity, got nothing')
  return ARCHITECTURES
}

function oneOf<T extends string>(option: string, value: string, values: readonly T[]): T {
  const found = values.find(each => each === value)
  if (found === undefined)
    throw new UsageError(`${option}: expected ${values.join(' or ')}, got ${JSON.stringify(value)}`)
  return found
}

/** Subresource integrity with one hash: 64 bytes in base64. */
function parseIntegrity(text: string | undefined): string | undefined {
  if (text !== undefined && !/^sha512-[A-Za-z0-9+/]{86}==$/.test(text))
    throw new UsageError(
      `--integrity: expected sha512- and 88 characters of base64, got ${JSON.stringify(text)}`,
    )
  return text
}

/** True for a mirror's address, false for a path. */
export function isAddress(from: string): boolean {
  return /^https?:\/\//.test(from)
}

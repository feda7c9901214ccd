// Publishes the image as a version of a customer-managed runtime of Lambda, and points an alias at it:
//   node docker/publish-runtime.ts --name baton --image ACCOUNT.dkr.ecr.REGION.amazonaws.com/baton --alias canary --first
// By the docker and the aws commands, which have the credentials: docs/customer-managed-runtime.md. Every argument goes to
// them as it is, without a shell.
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { UsageError } from '../local/cli/errors.ts'
import { BuildError } from './errors.ts'

const ROOT = dirname(import.meta.dirname)
const PLATFORMS = ['linux/amd64', 'linux/arm64'] as const
/** Lambda makes a version of an image in the background. */
const ACTIVE_LIMIT_MS = 600_000

interface Publication {
  readonly runtime: string
  /** Without a tag. */
  readonly image: string
  readonly alias: string
  readonly version: string
  readonly notes: string
  readonly isFirst: boolean
  readonly pollMs: number
  readonly buildArgs: readonly string[]
}

const OPTIONS = {
  name: { type: 'string' },
  image: { type: 'string' },
  alias: { type: 'string' },
  version: { type: 'string' },
  base: { type: 'string' },
  target: { type: 'string', default: 'standard' },
  label: { type: 'string', multiple: true, default: [] },
  first: { type: 'boolean', default: false },
  'poll-ms': { type: 'string', default: '3000' },
} as const satisfies ParseArgsConfig['options']

// What Lambda lets names be (CreateRuntime, CreateRuntimeVersion), and what a repository can be called.
const RUNTIME_NAME = /^[a-z0-9](?:[a-z0-9_.-]{0,126})[a-z0-9]$/
const VERSION_NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,126}[A-Za-z0-9_])?$/
const REPOSITORY = /^[a-z0-9][a-z0-9.-]*(?::\d+)?(?:\/[a-z0-9][a-z0-9._-]*)+$/

async function readPublication(args: readonly string[]): Promise<Publication> {
  const values = split(args)
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))
  const name = match('--version', values.version ?? `v${version}`, VERSION_NAME)
  const base = values.base === undefined ? [] : ['--build-arg', `BASE=${values.base}`]
  const labels = values.label.flatMap(each => ['--label', each])
  return {
    runtime: match('--name', values.name, RUNTIME_NAME),
    image: match('--image', values.image, REPOSITORY),
    alias: match('--alias', values.alias, VERSION_NAME),
    version: name,
    notes: await releaseNotes(name.replace(/^v/, '')),
    isFirst: values.first,
    pollMs: Number(values['poll-ms']),
    buildArgs: [
      ...['--target', match('--target', values.target, /^standard$|^shell-less$/)],
      ...base,
      ...labels,
    ],
  }
}

function split(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values
  } catch (error) {
    const [reason] = (error as Error).message.split(/\. |\n/)
    throw new UsageError(reason)
  }
}

function match(option: string, value: string | undefined, pattern: RegExp): string {
  if (value === undefined || !pattern.test(value))
    throw new UsageError(
      `${option}: expected ${pattern}, got ${JSON.stringify(value) ?? 'nothing'}`,
    )
  return value
}

/** The headings of what CHANGELOG.md says of a version, one a line. */
async function releaseNotes(version: string): Promise<string> {
  const sections = (await readFile(join(ROOT, 'CHANGELOG.md'), 'utf8')).split(/^## /m)
  const section = sections.find(each => each.split('\n', 1)[0]?.endsWith(version)) ?? ''
  return [`Baton ${version}`, ...(section.match(/^- .+$/gm) ?? [])].join('\n')
}

/** Pushes one image for each architecture and the list of both; answers the list's digest. */
async function pushImage({ image, version, buildArgs }: Publication): Promise<string> {
  const list = `${image}:${version}`
  const parts: string[] = []
  for (const platform of PLATFORMS) {
    const tag = `${list}-${platform.replace('linux/', '')}`
    const file = ['--file', join(ROOT, 'docker', 'Dockerfile')]
    await run('docker', [
      'build',
      '--platform',
      platform,
      '--tag',
      tag,
      ...buildArgs,
      ...file,
      ROOT,
    ])
    await run('docker', ['push', tag])
    parts.push(tag)
  }
  // Only a registry on this machine speaks plain HTTP.
  const insecure = /^(?:localhost|127\.)/.test(image) ? ['--insecure'] : []
  await run('docker', ['manifest', 'create', ...insecure, '--amend', list, ...parts])
  const printed = await run('docker', ['manifest', 'push', ...insecure, '--purge', list])
  const [digest] = /sha256:[0-9a-f]{64}/.exec(printed) ?? []
  if (digest === undefined) throw new BuildError(`docker: expected a digest, got ${printed}`)
  return digest
}

async function publish(publication: Publication): Promise<void> {
  const { runtime, image, alias, version, notes, isFirst } = publication
  const digest = await pushImage(publication)
  report(`pushed ${image}@${digest} for ${PLATFORMS.join(' and ')}`)
  if (isFirst) await lambda('create-runtime', ['--name', runtime])
  const named = ['--runtime-name', runtime, '--name', version]
  const content = ['--image-uri', `${image}@${digest}`, '--release-notes', notes]
  // A version that fails does not say why: a rehearsal does.
  await lambda('create-runtime-version', [...named, ...content, '--dry-run'])
  await lambda('create-runtime-version', [...named, ...content])
  await untilActive(publication)
  report(`${runtime} ${version} is ACTIVE`)
  const pointing = ['--runtime-name', runtime, '--name', alias, '--runtime-version', version]
  await lambda(isFirst ? 'create-runtime-alias' : 'update-runtime-alias', pointing)
  report(`${runtime} ${alias} is ${version}: functions take it with their next cold start`)
}

async function untilActive({ runtime, version, pollMs }: Publication): Promise<void> {
  const named = ['--runtime-name', runtime, '--name', version]
  for (const deadline = Date.now() + ACTIVE_LIMIT_MS; ; await delay(pollMs)) {
    const printed = await lambda('get-runtime-version', [...named, '--query', 'State'])
    const state = printed.trim()
    if (state === 'ACTIVE') return
    if (state !== 'CREATING' || Date.now() > deadline)
      throw new BuildError(`${runtime} ${version}: expected state ACTIVE, got ${state}`)
  }
}

function lambda(operation: string, args: readonly string[]): Promise<string> {
  return run('aws', ['lambda-core', operation, ...args, '--output', 'text'])
}

/** Answers its standard output; what it says on stderr is seen. */
async function run(command: string, args: readonly string[]): Promise<string> {
  // Newer dockers would add a third "platform" with a record of the build, which Lambda's images do not have.
  const env = { ...process.env, DOCKER_BUILDKIT: '1', BUILDX_NO_DEFAULT_ATTESTATIONS: '1' }
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], env })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0)
    throw new BuildError(`${command} ${args[0]} ${args[1]}: expected exit code 0, got ${code}`)
  return Buffer.concat(chunks).toString('utf8')
}

function report(line: string): void {
  process.stdout.write(`${line}\n`)
}

try {
  await publish(await readPublication(process.argv.slice(2)))
} catch (error) {
  if (!(error instanceof UsageError || error instanceof BuildError)) throw error
  process.stderr.write(`publish-runtime: ${error.message}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}

// A container of an image that is told as little as Lambda may tell it: which environment, user and folder is up to the
// test, and nothing comes from the emulator but what is asked for.
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCollector } from '../../../local/collector/collector.ts'
import type { CollectedSpan } from '../../../local/collector/span.ts'
import { startFunction } from '../../../local/emulator/function.ts'
import { dockerCommand, tryDocker } from './engine.ts'
import { CONSTRAINTS } from './images.ts'

export interface Start {
  readonly entry: 'bootstrap' | 'entrypoint'
  readonly workdir: string
  /** `none`: no more than the Runtime API, the handler and the collector, not even the image's own. */
  readonly environment: 'none' | 'image' | 'nodejs24.x'
  readonly user: string
}

export interface BareOptions {
  readonly image: string
  /** The image has no `env` to leave its own environment out with: Node does it. */
  readonly isShellLess?: boolean
  readonly files: Readonly<Record<string, string>>
  readonly start: Start
  readonly event: unknown
  /** Folder of this machine to be seen at /opt. */
  readonly opt?: string
  readonly env?: Readonly<Record<string, string>>
  /** So many are waited for: 1. */
  readonly spans?: number
}

export interface BareAnswer {
  readonly body: string
  readonly errorType: string | undefined
  readonly spans: readonly CollectedSpan[]
  /** That came to the collector. */
  readonly requests: number
}

const TIMEOUT_MS = 30_000
/** What the container is told of what the emulator says; by name, since docker takes the values itself. */
const TOLD = [
  'AWS_LAMBDA_RUNTIME_API',
  '_HANDLER',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'BATON_INIT_SPANS',
]
/** As AWS's Node 24 runtime has it. */
const NODEJS24 = {
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  LAMBDA_TASK_ROOT: '/var/task',
  LAMBDA_RUNTIME_DIR: '/var/runtime',
  LD_LIBRARY_PATH:
    '/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib',
  LANG: 'en_US.UTF-8',
  TZ: ':UTC',
  PATH: '/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin',
  NODE_PATH: '/opt/nodejs/node24/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
}
let started = 0

/** One invocation, from the start of the container to its end. */
export async function serveBare(options: BareOptions): Promise<BareAnswer> {
  const scratch = await mkdtemp(join(tmpdir(), 'baton-bare-'))
  const task = join(scratch, 'task')
  await mkdir(task)
  for (const [name, text] of Object.entries(options.files)) await writeFile(join(task, name), text)
  const name = `baton-bare-${process.pid}-${started++}`
  const bootstrap = join(scratch, 'bootstrap')
  await writeFile(bootstrap, startScript(name, task, options))
  for (const path of [scratch, task, bootstrap]) await chmod(path, 0o755)
  await using collector = await startCollector()
  try {
    await using fn = await startFunction({
      ...{ bootstrap, directory: task, timeoutMs: TIMEOUT_MS, initTimeoutMs: TIMEOUT_MS },
      // How many of the init phase there are depends on how fast the machine is.
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, BATON_INIT_SPANS: 'false' },
    })
    const answer = await fn.invoke(options.event)
    const isAnswered = answer.kind === 'response'
    if (isAnswered) await collector.store.waitForSpans(options.spans ?? 1, TIMEOUT_MS)
    await fn.stop()
    return {
      body: answer.body,
      errorType: isAnswered ? undefined : answer.errorType,
      spans: collector.store.spans,
      requests: collector.store.requests.length,
    }
  } finally {
    await tryDocker(['rm', '--force', name])
    await rm(scratch, { recursive: true, force: true })
  }
}

/** The "bootstrap" of the emulator: becomes the docker client. */
function startScript(name: string, task: string, options: BareOptions): string {
  const { image, start, opt, env = {} } = options
  const mounts = [`--volume=${task}:/var/task:ro`, ...(opt ? [`--volume=${opt}:/opt:ro`] : [])]
  const fixed = Object.entries({ ...(start.environment === 'nodejs24.x' && NODEJS24), ...env })
  const program = start.entry === 'bootstrap' ? ['/var/runtime/bootstrap'] : []
  const flags = [
    ...['run', '--rm', '--pull=never', `--name=${name}`, '--network=host', ...CONSTRAINTS],
    ...[`--user=${start.user}`, `--workdir=${start.workdir}`, '--memory=128m', ...mounts],
  ]
  const quote = (each: string) => `'${each}'`
  if (start.environment !== 'none') {
    const variables = [
      ...TOLD.map(each => `--env=${each}`),
      ...fixed.map(([key, value]) => `--env=${key}=${value}`),
    ]
    const entry =
      program.length > 0 ? [`--entrypoint=${program[0]}`, image] : [image, 'index.handler']
    const command = [...dockerCommand(), ...flags, ...variables, ...entry]
    return `#!/bin/sh\nexec ${command.map(quote).join(' ')}\n`
  }
  if (options.isShellLess) {
    const variables = TOLD.map(each => `--env=${each}`)
    const node = ['--entrypoint=/var/lang/bin/node', image, '--no-warnings', '--eval']
    const command = [...dockerCommand(), ...flags, ...variables, ...node, leaveOut(start)]
    return `#!/bin/sh\nexec ${command.map(quote).join(' ')}\n`
  }
  const command = [...dockerCommand(), ...flags, '--entrypoint=/usr/bin/env', image, '-i']
  const told = TOLD.map(each => `"${each}=$${each}"`).join(' ')
  const entry = program[0] ?? '/lambda-entrypoint.sh index.handler'
  return `#!/bin/sh\nexec ${command.map(quote).join(' ')} ${told} ${entry}\n`
}

/** A program without single quotes that becomes the image's, with what is told and no more. */
function leaveOut({ entry }: Start): string {
  const node = '/var/lang/bin/node'
  const bootstrap = '/var/runtime/bootstrap'
  const command =
    entry === 'bootstrap' ? [bootstrap] : [node, bootstrap, '--entrypoint', 'index.handler']
  const told = `Object.fromEntries(${JSON.stringify(TOLD)}.map(name => [name, process.env[name]]))`
  return `process.execve(${JSON.stringify(command[0])}, ${JSON.stringify(command)}, ${told})`
}

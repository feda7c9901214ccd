// A function in a container under Lambda's constraints, behind the project's own Runtime API and collector.
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Collector, startCollector } from '../../../local/collector/collector.ts'
import { buildEnvironment, type FunctionSettings } from '../../../local/emulator/environment.ts'
import { type LocalFunction, startFunction } from '../../../local/emulator/function.ts'
import type { LogLine } from '../../../local/emulator/log-line.ts'
import { dockerCommand, tryDocker } from './engine.ts'

/** AWS's own on provided.al2023; the emulator leaves LD_LIBRARY_PATH out, since it would hurt a developer's machine. */
export const LIBRARY_PATH =
  '/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib'
/** Lambda's own user, and no more than a function has. */
const CONSTRAINTS = [
  '--read-only',
  '--tmpfs=/tmp:size=512m,mode=1777',
  '--user=993:990',
  '--cap-drop=ALL',
  '--security-opt=no-new-privileges',
  '--pids-limit=1024',
]
/** Where Lambda looks, in this order. */
const START =
  'for each in /var/runtime /var/task /opt; do [ ! -x $each/bootstrap ] || exec $each/bootstrap; done; exit 1'

export interface ContainerOptions {
  readonly image: string
  /** Folders of this machine by where they are seen inside, read-only. */
  readonly mounts: Readonly<Record<string, string>>
  /** The function's code, by name. */
  readonly files: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly handler?: string
  readonly memoryMb?: number
  /** Share of a CPU; Lambda gives 0.07 with 128 MB. */
  readonly cpus?: number
  /** Of the image, when it is not this machine's. */
  readonly platform?: string
  /** In place of Lambda's search for a bootstrap. */
  readonly command?: readonly string[]
}

export interface ContainedFunction extends AsyncDisposable {
  readonly fn: LocalFunction
  readonly collector: Collector
  readonly log: readonly LogLine[]
}

/** A cold start under emulation and with a share of a CPU takes its time. */
const TIMEOUT_MS = 60_000
let started = 0

/** For the names of the variables only. */
const NO_FUNCTION: FunctionSettings = {
  name: '',
  version: '',
  region: '',
  accountId: '',
  memoryMb: 0,
  handler: '',
  directory: '',
  logStream: '',
}

/** How many there are depends on how fast the machine is. */
const NO_INIT_SPANS = { BATON_INIT_SPANS: 'false' }

/** Makes a function ready to be invoked; its container starts with the first event and goes when it is disposed. */
export async function startContained(options: ContainerOptions): Promise<ContainedFunction> {
  const scratch = await mkdtemp(join(tmpdir(), 'baton-image-'))
  const task = join(scratch, 'task')
  await mkdir(task)
  // Executable for the test that brings a bootstrap; as on Lambda it makes no difference to modules.
  for (const [name, text] of Object.entries(options.files))
    await writeFile(join(task, name), text, { mode: 0o755 })
  const container = `baton-${process.pid}-${started++}`
  const bootstrap = join(scratch, 'bootstrap')
  await writeFile(bootstrap, startScript(container, task, options))
  // The container's user is neither of this machine's.
  for (const path of [scratch, task, bootstrap]) await chmod(path, 0o755)
  const collector = await startCollector()
  const log: LogLine[] = []
  const fn = await startFunction({
    bootstrap,
    directory: task,
    handler: options.handler ?? 'index.handler',
    name: 'contained',
    memoryMb: options.memoryMb ?? 128,
    timeoutMs: TIMEOUT_MS,
    initTimeoutMs: TIMEOUT_MS,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...NO_INIT_SPANS, ...options.env },
    onLog: line => log.push(line),
  })
  return {
    fn,
    collector,
    log,
    async [Symbol.asyncDispose]() {
      await fn.stop()
      // The client that was killed is not the container.
      await tryDocker(['rm', '--force', container])
      await collector.close()
      await rm(scratch, { recursive: true, force: true })
    },
  }
}

/** The "bootstrap" of the emulator: becomes the docker client, which hands on the variables that a function has. */
function startScript(container: string, task: string, options: ContainerOptions): string {
  const { image, mounts, memoryMb = 128, cpus = 0.07 } = options
  const volumes = Object.entries({ ...mounts, '/var/task': task }).map(
    ([inside, outside]) => `--volume=${outside}:${inside}:ro`,
  )
  const own = { OTEL_EXPORTER_OTLP_ENDPOINT: '', ...NO_INIT_SPANS, ...options.env }
  const variables = Object.keys(buildEnvironment(NO_FUNCTION, '', own)).map(name => `--env=${name}`)
  const command = [
    ...dockerCommand(),
    ...['run', '--rm', '--pull=never', `--name=${container}`, '--network=host', '--init=false'],
    ...CONSTRAINTS,
    `--memory=${memoryMb}m`,
    `--cpus=${cpus}`,
    ...variables,
    ...['--env=LAMBDA_TASK_ROOT=/var/task', `--env=LD_LIBRARY_PATH=${LIBRARY_PATH}`],
    '--workdir=/var/task',
    ...(options.platform === undefined ? [] : [`--platform=${options.platform}`]),
    ...volumes,
    image,
    ...(options.command ?? ['/bin/sh', '-c', START]),
  ]
  return `#!/bin/sh\nexec ${command.map(each => `'${each}'`).join(' ')}\n`
}

// Runs the built bootstrap as a child process against the scripted Runtime API, as Lambda would.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type RuntimeApi, type RuntimeApiOptions, startRuntimeApi } from './runtime-api.ts'

const BUILT_LAYER = join(import.meta.dirname, '..', '..', 'dist', 'layer-x64')

const PACKAGES = join(import.meta.dirname, '..', '..', 'node_modules')

/** The layer under test: as built, or with the Node binary that BATON_TEST_NODE names in place of its own. */
export const LAYER: string = layerWith(process.env.BATON_TEST_NODE)

/** Major version of the Node that the function runs on. */
export const NODE_MAJOR: number = majorOf(join(LAYER, 'baton', 'bin', 'node'))

export interface FunctionOptions extends RuntimeApiOptions {
  /** The function's code, by path; written to a folder of its own, outside of any package. */
  readonly files: Readonly<Record<string, string>>
  readonly handler?: string
  /** Whether the function finds this repository's packages as its own, or a folder with those that it finds. */
  readonly hasPackages?: boolean | string
  /** Over Lambda's usual environment; `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly bootstrap?: string
}

export interface StartedFunction extends AsyncDisposable {
  /** Where the function's code was written. */
  readonly directory: string
  readonly api: RuntimeApi
  readonly process: ChildProcess
  /** What came on descriptor 3 so far: the platform's pipe for log records. */
  readonly logPipe: () => Buffer
  /** Lines on stdout so far. */
  readonly stdout: () => string
  readonly stderr: () => string
  /** How it ended; resolves when it does. */
  readonly exit: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
  /** Resolves when there were so many posts and requests for an event, one more by default, or the process ended. */
  answered(posts: number, nexts?: number): Promise<void>
}

/** Starts it; disposing kills the process and closes the Runtime API. */
export async function startFunction(options: FunctionOptions): Promise<StartedFunction> {
  const bootstrap = options.bootstrap ?? join(LAYER, 'bootstrap')
  if (!existsSync(bootstrap)) throw new Error(`expected ${bootstrap}: run \`npm run build\` first`)
  const directory = await writeFiles(options.files)
  const { hasPackages } = options
  const packages = typeof hasPackages === 'string' ? hasPackages : PACKAGES
  if (hasPackages) await symlink(packages, join(directory, 'node_modules'))
  const api = await startRuntimeApi(options)
  // By way of env, which becomes the bootstrap: the test runner adds to the environment of what it sees started.
  const environment = lambdaEnvironment(api.address, directory, options)
  const child = spawn('/usr/bin/env', ['-i', ...environment, bootstrap], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  const frames: Buffer[] = []
  child.stdio[3]?.on('data', (chunk: Buffer) => frames.push(chunk))
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
  })
  const exit = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>(resolve => {
    child.on('close', (code, signal) => resolve({ code, signal }))
  })
  return {
    directory,
    api,
    process: child,
    logPipe: () => Buffer.concat(frames),
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    exit,
    async answered(posts, nexts = posts + 1) {
      const isDone = (each: RuntimeApi): boolean =>
        each.posts.length >= posts && each.nexts.length >= nexts
      await Promise.race([api.until(isDone), exit])
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exit
      await api[Symbol.asyncDispose]()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

function layerWith(node: string | undefined): string {
  if (node === undefined) return BUILT_LAYER
  const layer = mkdtempSync(join(tmpdir(), 'baton-layer-'))
  process.on('exit', () => rmSync(layer, { recursive: true, force: true }))
  mkdirSync(join(layer, 'baton', 'bin'), { recursive: true })
  // All but the code caches, which are for another Node.
  const scripts = readdirSync(join(BUILT_LAYER, 'baton')).filter(name => /\.c?js$/.test(name))
  for (const file of ['bootstrap', ...scripts.map(name => `baton/${name}`)]) {
    cpSync(join(BUILT_LAYER, file), join(layer, file))
  }
  symlinkSync(node, join(layer, 'baton', 'bin', 'node'))
  writeFileSync(join(layer, 'baton', 'bin', 'node-major'), `${majorOf(node)}\n`)
  return layer
}

function majorOf(node: string): number {
  return Number.parseInt(execFileSync(node, ['-p', 'process.versions.node']).toString(), 10)
}

async function writeFiles(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'baton-test-'))
  for (const [path, text] of Object.entries(files)) {
    const target = join(directory, path)
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, text)
  }
  return directory
}

function lambdaEnvironment(address: string, directory: string, options: FunctionOptions): string[] {
  const env: Record<string, string | undefined> = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    _HANDLER: options.handler ?? 'index.handler',
    LAMBDA_TASK_ROOT: directory,
    AWS_LAMBDA_RUNTIME_API: address,
    AWS_LAMBDA_FUNCTION_NAME: 'fn',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
    AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/fn',
    AWS_LAMBDA_LOG_STREAM_NAME: 'stream',
    AWS_REGION: 'us-east-1',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    // Sandboxes of Lambda do not share a `/tmp`; tests that run side by side do.
    BATON_JOURNAL: join(directory, '.journal'),
    // What it holds depends on how fast the machine is: tests of it ask for it.
    BATON_INIT_SPANS: 'false',
    ...options.env,
  }
  return Object.entries(env).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  )
}

// One hop of a relay in each language, instrumented by OpenTelemetry's own agent or SDK for it, from that language's
// registry. Asked for `/?route=URL URL …`, a hop calls the first URL and hands it the rest; it answers with its name,
// the baggage that its code sees, and what came back.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { cacheFolder } from '../helpers/cache.ts'
import { buildGoProgram } from '../helpers/go-program.ts'
import { needs } from './debian.ts'
import { fetchJar } from './maven.ts'

const SERVICES = join(import.meta.dirname, 'services')

const JAVA_AGENT = {
  group: 'io.opentelemetry.javaagent',
  artifact: 'opentelemetry-javaagent',
  version: '2.31.1',
  sha256: 'bbf83c151b6400709e2f225bdd07a04f839d9d13b8b93464241333fd25d3e3ba',
} as const

/** A JVM under its agent on a busy machine. */
const START_LIMIT_MS = 120_000

export interface Hop extends AsyncDisposable {
  readonly name: string
  readonly url: string
}

/** The command line that starts a service; made once, since it may fetch and build for minutes. */
export interface Service {
  readonly name: string
  readonly command: readonly string[]
}

export async function prepareServices(): Promise<readonly Service[]> {
  return [preparePython(), await prepareJava(), prepareGo()]
}

function preparePython(): Service {
  const source = join(SERVICES, 'python')
  needs(['python3', '-c', 'import venv, ensurepip'], ['python3', 'python3-venv'])
  const python = execFileSync('python3', ['-VV']).toString()
  const folder = cacheFolder('python', source, python)
  const isWhole = join(folder, 'is-whole')
  if (!existsSync(isWhole)) {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(dirname(folder), { recursive: true })
    const run = (command: string, ...args: string[]): Buffer =>
      execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
    run('python3', '-m', 'venv', folder)
    const requirements = join(source, 'requirements.txt')
    const pip = ['-m', 'pip', '--disable-pip-version-check', 'install', '--quiet', '--no-deps']
    run(join(folder, 'bin', 'python'), ...pip, '--requirement', requirements)
    writeFileSync(isWhole, '')
  }
  const bin = (name: string): string => join(folder, 'bin', name)
  const command = [bin('opentelemetry-instrument'), bin('python'), join(source, 'service.py')]
  return { name: 'python', command }
}

async function prepareJava(): Promise<Service> {
  needs(['javac', '-version'], ['default-jdk-headless'])
  needs(['mvn', '-version'], ['maven'])
  const agent = await fetchJar(JAVA_AGENT)
  const source = join(SERVICES, 'java')
  const folder = cacheFolder('java-service', source)
  // The agent leaves the JDK's own tools alone, and `java Service.java` is one.
  if (!existsSync(join(folder, 'Service.class'))) {
    execFileSync('javac', ['-d', folder, join(source, 'Service.java')], { stdio: 'inherit' })
  }
  const flags = ['-Xmx256m', '-XX:TieredStopAtLevel=1', `-javaagent:${agent}`, '-cp', folder]
  return { name: 'java', command: ['java', ...flags, 'Service'] }
}

function prepareGo(): Service {
  return { name: 'go', command: [buildGoProgram(join(SERVICES, 'go'), 'go-service')] }
}

/** Starts a service with what every OpenTelemetry SDK reads from its environment. */
export async function startService(
  { name, command }: Service,
  collectorUrl: string,
  propagators: string,
): Promise<Hop> {
  const [program = '', ...args] = command
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      OTEL_SERVICE_NAME: name,
      OTEL_PROPAGATORS: propagators,
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_BSP_SCHEDULE_DELAY: '100',
    },
  })
  const gone = new Promise(resolve => child.once('close', resolve))
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL')
    await gone
  }
  try {
    const port = await portOf(name, child)
    return { name, url: `http://127.0.0.1:${port}/`, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** What it prints as soon as it listens. */
function portOf(name: string, child: ChildProcess): Promise<string> {
  let log = ''
  child.stderr?.on('data', chunk => {
    log += chunk
  })
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`the ${name} service ${why}:\n${log}`))
    const timer = setTimeout(() => fail('does not listen'), START_LIMIT_MS)
    child.once('error', reject)
    child.once('close', () => fail('ended'))
    if (child.stdout === null) return
    createInterface(child.stdout).on('line', line => {
      const port = /^listening (\d+)$/.exec(line)?.[1]
      if (port === undefined) return
      clearTimeout(timer)
      resolve(port)
    })
  })
}

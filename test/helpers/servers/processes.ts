// Servers from Debian's packages, as processes that a test starts on a port of its own and ends.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const START_LIMIT_MS = 30_000

export interface TestServer extends AsyncDisposable {
  readonly port: number
}

/** Installs the package that has the program, unless it is here. Throws with apt's own words. */
export function installProgram(path: string, packageName: string): void {
  if (existsSync(path)) return
  const apt = (...args: string[]): void => {
    // Tests run side by side.
    execFileSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', '-qq', ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  }
  apt('update')
  apt('install', '--yes', '--no-install-recommends', packageName)
}

/** Starts it in a folder of its own and resolves when it takes connections. Variables are over those that there are. */
export async function startProcess(
  program: string,
  argumentsFor: (port: number, folder: string) => readonly string[],
  variablesFor: (port: number, folder: string) => Readonly<Record<string, string>> = () => ({}),
): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'baton-server-'))
  const port = await findPort()
  const env = { ...process.env, ...variablesFor(port, folder) }
  const child = spawn(program, argumentsFor(port, folder), { cwd: folder, stdio: 'pipe', env })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-10_000)
    })
  const closed = new Promise(resolve => child.once('close', resolve))
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL')
    await closed
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await waitForPort(port, child)
  } catch (error) {
    await stop()
    throw new Error(`${program}: ${error}\n${said}`)
  }
  return { port, [Symbol.asyncDispose]: stop }
}

/** A cluster of Redis takes the one 10,000 above as well. */
const MAX_PORT = 55_535

/** One that nobody listens on now. */
export async function findPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port <= MAX_PORT ? port : findPort()
}

async function waitForPort(port: number, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS
  while (!(await isOpen(port))) {
    if (child.exitCode !== null) throw new Error(`expected it to serve, it ended`)
    if (Date.now() > deadline)
      throw new Error(`expected it on port ${port} in ${START_LIMIT_MS} ms`)
    await sleep(20)
  }
}

const isOpen = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

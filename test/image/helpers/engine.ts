// Docker for image tests. The runner starts an engine of its own, without a network of its own: containers use the host's,
// and so reach the emulator and the collector on 127.0.0.1. Nothing is pulled: images are made from root file systems.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { CACHE } from './cache.ts'
import { type Ended, type RunOptions, run, tryRun } from './run.ts'

// Not whatever else is called docker on the PATH.
const CLIENT = '/usr/bin/docker'
const START_LIMIT_MS = 30_000

export interface Engine extends AsyncDisposable {
  /** What DOCKER_HOST is to be. */
  readonly host: string
}

/** Starts dockerd and waits until it answers. Its images stay in the cache from run to run. */
export async function startEngine(): Promise<Engine> {
  const folder = join(CACHE, 'engine')
  mkdirSync(folder, { recursive: true })
  const host = `unix://${join(folder, 'sock')}`
  const log = openSync(join(folder, 'log'), 'w')
  const places = ['--data-root', 'data', '--exec-root', 'exec', '--pidfile', 'pid'].map(each =>
    each.startsWith('--') ? each : join(folder, each),
  )
  const isolated = [
    '--iptables=false',
    '--ip6tables=false',
    '--ip-masq=false',
    '--ip-forward=false',
  ]
  const daemon = spawn('dockerd', [...places, '--host', host, ...isolated], {
    stdio: ['ignore', log, log],
  })
  const exited = new Promise<void>(resolve => daemon.once('close', () => resolve()))
  const stop = async (): Promise<void> => {
    daemon.kill('SIGTERM')
    await exited
    // What dockerd leaves mounted.
    await tryRun(['umount', join(folder, 'exec', 'netns', 'default')])
  }
  let hasEnded = false
  void exited.then(() => {
    hasEnded = true
  })
  const deadline = Date.now() + START_LIMIT_MS
  while ((await tryRun([CLIENT, 'version'], { env: { DOCKER_HOST: host } })).code !== 0) {
    if (hasEnded || Date.now() > deadline) {
      await stop()
      throw new Error(`dockerd did not start:\n${readFileSync(join(folder, 'log'), 'utf8')}`)
    }
    await delay(50)
  }
  return { host, [Symbol.asyncDispose]: stop }
}

/** Runs the docker command on the runner's engine, and throws when it fails. Answers its standard output. */
export function docker(args: readonly string[], options: RunOptions = {}): Promise<string> {
  return run([CLIENT, ...args], withHost(options))
}

/** The same for commands whose failure is expected. */
export function tryDocker(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return tryRun([CLIENT, ...args], withHost(options))
}

/** The docker command with its engine, for a process that a test starts itself. */
export function dockerCommand(): readonly string[] {
  return ['/usr/bin/env', `DOCKER_HOST=${engineHost()}`, CLIENT]
}

function withHost(options: RunOptions): RunOptions {
  return { ...options, env: { ...options.env, DOCKER_HOST: engineHost() } }
}

function engineHost(): string {
  const host = process.env.BATON_TEST_ENGINE
  if (host === undefined)
    throw new Error('expected an engine: image tests run by `npm run test:image`')
  return host
}

/** Makes the image `tag` of a root file system, if the engine does not have it. Answers the tag. */
export async function importImage(root: string, tag: string): Promise<string> {
  if (!existsSync(root)) throw new Error(`expected a root file system at ${root}`)
  if ((await tryDocker(['image', 'inspect', tag])).code === 0) return tag
  await run(
    [
      'sh',
      '-c',
      'tar --one-file-system -C "$1" -c . | "$2" import - "$3"',
      'sh',
      root,
      CLIENT,
      tag,
    ],
    withHost({}),
  )
  return tag
}

// A real Zipkin, in memory, on a free port of 127.0.0.1.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { serveLoopback } from '../../local/http/loopback-server.ts'
import { fetchJar } from './maven.ts'

export const ZIPKIN_JAR = {
  group: 'io.zipkin',
  artifact: 'zipkin-server',
  version: '3.6.1',
  classifier: 'exec',
  sha256: 'd8326e0ed4f43855dba81228f688554706e52578a7c782d9a90b73f8680654a1',
} as const

/** A JVM on a busy machine. */
const START_TIMEOUT_MS = 120_000

export interface ZipkinServer extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string
  /** Its answer to a path below `/api/v2`, as soon as it is 200. */
  query(path: string): Promise<unknown>
}

export async function startZipkinServer(): Promise<ZipkinServer> {
  const jar = await fetchJar(ZIPKIN_JAR)
  const port = await findFreePort()
  const listen = [`ip=127.0.0.1`, `port=${port}`, 'protocols[0]=http']
  const args = listen.map(each => `--armeria.ports[0].${each}`)
  const server = spawn('java', ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-jar', jar, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const output = text(server.stdout)
  const ended = once(server, 'exit').then(async ([code]) => {
    throw new Error(`Zipkin ended with ${code}:\n${await output}`)
  })
  const url = `http://127.0.0.1:${port}`
  const isUp = waitFor(`${url}/health`)
  try {
    await Promise.race([isUp, ended])
  } catch (error) {
    server.kill('SIGKILL')
    throw error
  }
  // From here on its end is wanted.
  ended.catch(() => {})
  return {
    url,
    query: path => waitFor(`${url}/api/v2${path}`),
    async [Symbol.asyncDispose]() {
      if (server.exitCode !== null) return
      const gone = once(server, 'exit')
      server.kill()
      await gone
    },
  }
}

async function findFreePort(): Promise<number> {
  const probe = await serveLoopback(createServer())
  await probe.close()
  return probe.port
}

async function waitFor(url: string): Promise<unknown> {
  const untilMs = Date.now() + START_TIMEOUT_MS
  for (;;) {
    const response = await fetch(url).catch(() => undefined)
    if (response?.ok) return response.json()
    if (Date.now() > untilMs) throw new Error(`${url}: no 200 within ${START_TIMEOUT_MS} ms`)
    await sleep(100)
  }
}

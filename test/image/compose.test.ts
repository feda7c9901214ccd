// docker/compose.yaml as a developer uses it: up, an event by HTTP, its trace in the collector's log, a changed handler,
// a backend of one's own, down.
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { startCollector } from '../../local/collector/collector.ts'
import { serveLoopback } from '../../local/http/loopback-server.ts'
import { composeCommand } from './helpers/counterparts.ts'
import { docker, dockerCommand } from './helpers/engine.ts'
import { debianImage, invokeByHttp, makeContext, ROOT } from './helpers/images.ts'
import { run, tryRun } from './helpers/run.ts'

const LOG_LIMIT_MS = 30_000

/** A free port of this machine; compose wants to be told one. */
async function freePort(): Promise<number> {
  await using server = await serveLoopback(createServer())
  return server.port
}

interface Project {
  readonly url: string
  readonly task: string
  compose(...args: string[]): Promise<string>
  /** Resolves when the log of a service has it. */
  logged(service: string, pattern: RegExp): Promise<void>
}

/** The file with its neighbours where they are in the repository, a function, and what the developer has set. */
async function startProject(t: Test, env: Record<string, string>): Promise<Project> {
  const { folder } = await makeContext()
  const task = join(folder, 'function')
  await mkdir(task)
  await writeFile(join(task, 'index.js'), handler('first'))
  for (const path of [folder, task]) await chmod(path, 0o755)
  const port = await freePort()
  const [, dockerHost = ''] = dockerCommand()
  const variables = {
    ...{ FUNCTION_DIR: task, PORT: String(port), DOCKER_HOST: dockerHost.replace(/^.*?=/, '') },
    ...{ HOME: folder, BASE: base, ...env },
  }
  const command = [await composeCommand(), '-f', join(folder, 'docker', 'compose.yaml')]
  const compose = (...args: string[]) => run([...command, ...args], { env: variables })
  t.teardown(async () => {
    await compose('down', '--timeout', '5')
    await rm(folder, { recursive: true, force: true })
  })
  await compose('up', '--detach', '--build')
  return {
    url: `http://127.0.0.1:${port}`,
    task,
    compose,
    async logged(service, pattern) {
      for (const deadline = Date.now() + LOG_LIMIT_MS; ; await delay(50)) {
        const { stdout, stderr } = await tryRun([...command, 'logs', '--no-color', service], {
          env: variables,
        })
        if (pattern.test(stdout + stderr)) return
        if (Date.now() > deadline) throw new Error(`expected ${pattern} of ${service}: ${stdout}`)
      }
    },
  }
}

const handler = (answer: string) =>
  `exports.handler = async event => ({ answer: '${answer}', name: event.name })`

const base = await debianImage()

t.test('up: an event by HTTP, its trace, a changed handler, down', async t => {
  const project = await startProject(t, {})
  const invoke = async () => (await invokeByHttp(project.url, { name: 'a' })).json()
  t.strictSame(await invoke(), { answer: 'first', name: 'a' })
  await project.logged('collector', /trace [0-9a-f]{32}/)
  await project.logged('collector', /cold start/)
  await project.logged('function', /START RequestId/)
  await writeFile(join(project.task, 'index.js'), handler('second'))
  t.strictSame(await invoke(), { answer: 'second', name: 'a' })
  await project.compose('down')
  const left = await docker([
    'ps',
    '--all',
    '--quiet',
    '--filter',
    'label=com.docker.compose.project=baton',
  ])
  t.equal(left, '', 'nothing is left')
})

t.test("with the backend profile the spans go where the developer's variables say", async t => {
  // On every address: from inside the container this machine is the gateway of its network.
  await using collector = await startCollector({ host: '0.0.0.0', port: 0 })
  const gateway = (
    await docker(['network', 'inspect', 'bridge', '--format', '{{(index .IPAM.Config 0).Gateway}}'])
  ).trim()
  const endpoint = `http://${gateway}:${collector.port}`
  const env = { COMPOSE_PROFILES: 'backend', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }
  const project = await startProject(t, env)
  t.equal((await invokeByHttp(project.url, { name: 'a' })).status, 200)
  await collector.store.waitForSpans(
    spans => spans.some(({ name }) => name === 'function'),
    LOG_LIMIT_MS,
  )
  const services = (await project.compose('ps', '--services')).trim()
  t.equal(services, 'function-with-backend')
})

t.test('the file builds the image that it names', async t => {
  const text = await run(
    [await composeCommand(), '-f', 'docker/compose.yaml', 'config', '--format', 'json'],
    {
      cwd: ROOT,
      env: { BASE: 'some:base' },
    },
  )
  const { services } = JSON.parse(text)
  t.strictSame(Object.keys(services).sort(), ['collector', 'function'])
  t.match(services.function.build, {
    context: ROOT,
    dockerfile: 'docker/Dockerfile',
    args: { BASE: 'some:base' },
  })
})

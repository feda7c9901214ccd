// The `docker` commands of the documents as they are written, and the `curl` beside them. What they name in registries that
// cannot be reached stands in the engine under that name; only ports and names of containers are the test's own.
import { chmod, cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { serveLoopback } from '../../local/http/loopback-server.ts'
import { commandsOf, documented, type Snippet, snippetsOf } from '../helpers/snippets.ts'
import { composeCommand } from './helpers/counterparts.ts'
import { docker, dockerCommand, tryDocker } from './helpers/engine.ts'
import { arm64Image, debianImage, distrolessImage, makeContext, ROOT } from './helpers/images.ts'
import { type Ended, run, tryRun } from './helpers/run.ts'

const LIMIT_MS = 60_000
const DEFAULT_BASE = 'public.ecr.aws/lambda/provided:al2023'
/** What stands in for each base: by the name that the documents have for it. */
const BASES: Readonly<Record<string, () => Promise<string>>> = {
  [DEFAULT_BASE]: debianImage,
  [`${DEFAULT_BASE} for arm64`]: arm64Image,
  'debian:bookworm-slim': debianImage,
  'gcr.io/distroless/cc-debian12': distrolessImage,
}
const [, DOCKER_HOST = ''] = /=(.*)/.exec(dockerCommand()[1] ?? '') ?? []

/** Gives an image of this machine another name until the test ends. */
async function nameImage(t: Test, image: string, name: string): Promise<void> {
  await docker(['tag', image, name])
  t.teardown(() => tryDocker(['rmi', '--no-prune', name]))
}

/** The base that a command builds on, where it has none of its own. */
async function provideBase(t: Test, command: string): Promise<void> {
  const [, base = DEFAULT_BASE] = /--build-arg BASE=(\S+)/.exec(command) ?? []
  const provide = BASES[command.includes('linux/arm64') ? `${base} for arm64` : base]
  if (provide === undefined) throw new Error(`${command}: expected a stand-in for ${base}`)
  await nameImage(t, await provide(), base)
}

/** The commands of a developer's shell, who has docker with compose. */
async function makeShell(t: Test): Promise<(command: string, cwd: string) => Promise<Ended>> {
  const home = await makeFolder(t)
  const plugins = join(home, '.docker', 'cli-plugins')
  await mkdir(plugins, { recursive: true })
  await symlink(await composeCommand(), join(plugins, 'docker-compose'))
  // Debian's, whatever else there is on this machine; of version 20, which wants to be asked for BuildKit.
  const bin = join(home, 'bin')
  await mkdir(bin)
  await symlink('/usr/bin/docker', join(bin, 'docker'))
  const PATH = `${bin}:/usr/bin:/bin`
  const env = { PATH, HOME: home, DOCKER_HOST, DOCKER_BUILDKIT: '1' }
  return (command, cwd) => tryRun(['sh', '-euc', command], { cwd, env })
}

async function makeFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'baton-documented-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  await chmod(folder, 0o755)
  return folder
}

async function freePort(): Promise<string> {
  await using server = await serveLoopback(createServer())
  return String(server.port)
}

/** Again until it succeeds: a developer would wait for the first line of a log. */
async function untilDone(ask: () => Promise<Ended>): Promise<Ended> {
  for (const deadline = Date.now() + LIMIT_MS; ; await delay(100)) {
    const ended = await ask()
    if (ended.code === 0 || Date.now() > deadline) return ended
  }
}

const shell = await makeShell(t)

for (const command of documented('docker build'))
  t.test(command, async t => {
    await provideBase(t, command)
    const context = await makeContext()
    t.teardown(() => context[Symbol.asyncDispose]())
    const { code, stderr } = await shell(command, context.folder)
    t.equal(code, 0, stderr)
    const [, tag = ''] = /-t (\S+)/.exec(command) ?? []
    const architecture = command.includes('linux/arm64') ? 'arm64' : 'amd64'
    const made = await docker(['image', 'inspect', '--format={{.Architecture}}', tag])
    t.equal(made.trim(), architecture)
  })

const HANDLER = `const { existsSync } = require('node:fs')
  exports.handler = async event => ({ event, ...(existsSync('/opt/nodejs') && { plain: require('plain') }) })`

/** The image that is to be had under the names that the documents have for it, with a function and without. */
async function makeImages(t: Test): Promise<void> {
  const [standard = ''] = documented('docker build')
  await provideBase(t, standard)
  await using context = await makeContext()
  t.equal((await shell(standard, context.folder)).code, 0)
  const folder = await makeFolder(t)
  await writeFile(join(folder, 'index.js'), HANDLER)
  await writeFile(join(folder, 'Dockerfile'), 'FROM baton\nCOPY index.js ./\n')
  const built = await shell('docker build --quiet --tag your-image .', folder)
  t.equal(built.code, 0, built.stderr)
  t.teardown(() => tryDocker(['rmi', 'your-image']))
}

const [ANY_CURL = ''] = documented('curl')

/** A folder as the commands expect it around them: a function and layers, for those that mount them. */
async function makeWorkplace(t: Test): Promise<string> {
  const folder = await makeFolder(t)
  const modules = join(folder, 'layers', 'nodejs', 'node_modules')
  for (const each of [join(folder, 'function'), modules]) await mkdir(each, { recursive: true })
  await writeFile(join(folder, 'function', 'index.js'), HANDLER)
  await writeFile(join(modules, 'plain.js'), `module.exports = 'of a layer'`)
  return folder
}

const runs = snippetsOf('sh').filter(({ text }) => /^docker run /m.test(text))

for (const [index, snippet] of runs.entries()) {
  const [command = '', ...others] = commandsOf(snippet)
  t.test(command, async t => {
    t.ok(documented('docker run').includes(command), 'the first of its block')
    await makeImages(t)
    const folder = await makeWorkplace(t)
    const port = await freePort()
    const name = `baton-documented-${index}`
    const mine = command
      .replace('docker run ', `docker run --pull=never --name=${name} `)
      .replace('-p 9000:', `-p ${port}:`)
      .replace('YOUR_IMAGE', 'your-image')
    t.match(mine, `-p ${port}:8080`)
    const running = shell(mine, folder)
    t.teardown(() => tryDocker(['rm', '--force', name]))
    for (const curl of others.length > 0 ? others : [ANY_CURL.replace(/-d \S+/, "-d '{}'")]) {
      const here = curl.replace('localhost:9000', `localhost:${port}`)
      const { code, stdout, stderr } = await untilDone(() => shell(`${here} -sS`, ROOT))
      t.equal(code, 0, stderr)
      t.match(JSON.parse(stdout), {
        event: {},
        ...(command.includes('/layers:') && { plain: 'of a layer' }),
      })
    }
    await docker(['stop', '--time=5', name])
    const { stdout, stderr } = await running
    t.match(stdout + stderr, /trace [0-9a-f]{32}/, 'the trace is in its log')
    t.equal((await tryDocker(['inspect', name])).code, 1, 'nothing of it is left')
  })
}

const composes: Snippet[] = snippetsOf('sh').filter(({ text }) => /^docker compose /m.test(text))

for (const snippet of composes) {
  const commands = commandsOf(snippet)
  const up = commands.find(each => each.startsWith('docker compose ')) ?? ''
  const curls = commands.filter(each => each.startsWith('curl '))
  t.test([up, ...curls].join('; '), async t => {
    t.ok(documented('docker compose').includes(up))
    t.equal(curls.length, 1)
    t.equal(commands.filter(each => each.startsWith('docker ')).length, 1)
    await provideBase(t, up)
    const { folder } = await makeContext()
    t.teardown(() => rm(folder, { recursive: true, force: true }))
    for (const name of ['examples/compose', 'examples/orders/event.json']) {
      await mkdir(dirname(join(folder, name)), { recursive: true })
      await cp(join(ROOT, name), join(folder, name), { recursive: true })
    }
    await run(['chmod', '-R', 'a+rX', folder])
    const port = await freePort()
    const withPort = `PORT=${port} ${up}`
    const running = shell(withPort, folder)
    const logs = withPort.replace(/ up$/, ' logs collector')
    const down = () => shell(withPort.replace(/ up$/, ' down --timeout 5'), folder)
    t.teardown(down)
    for (const curl of curls) {
      const here = `${curl.replace('localhost:9000', `localhost:${port}`)} -sS`
      const answered = await untilDone(() => shell(here, folder))
      t.strictSame(JSON.parse(answered.stdout), { hello: 'world' }, answered.stderr)
    }
    const shown = await untilDone(() => shell(`${logs} | grep 'POST /orders'`, folder))
    t.equal(shown.code, 0, 'the collector shows the trace of that event')
    t.equal((await down()).code, 0)
    await running
  })
}

t.test('no `curl` stands where nothing that it asks is started', async t => {
  const seen = [...runs, ...composes].flatMap(commandsOf).filter(each => /^curl /.test(each))
  t.strictSame(seen.sort(), documented('curl').sort())
})

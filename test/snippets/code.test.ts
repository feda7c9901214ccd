// JavaScript of the documents, run as it is written: a function in the built bootstrap, a bundler's configuration by Node.
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startFunction } from '../helpers/function.ts'
import { startCollector } from '../helpers/otlp.ts'
import { forEachSnippet } from '../helpers/snippets.ts'

const ROOT = join(import.meta.dirname, '..', '..')
type Check = (t: Test, code: string) => Promise<void>

const CHECKS: Readonly<Record<string, Check>> = {
  "docs/otel.md: import { trace } from '@opentelemetry/api'": async (t, code) => {
    await using collector = await startCollector()
    await using fn = await startFunction({
      files: {
        'index.js': code,
        'price.js': 'export const price = async ({ items }) => 3 * items',
        'package.json': '{"type":"module"}',
      },
      hasPackages: true,
      events: [{ id: 'a7', items: 2 }],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
    })
    await fn.answered(1)
    t.match(fn.api.posts, [{ operation: 'response', body: '6' }], fn.stdout() + fn.stderr())
    const spans = await collector.waitForSpans(2)
    const invocation = spans.find(({ name }) => name === 'fn')
    t.equal(invocation?.attributes['order.id'], 'a7')
    const own = spans.find(({ name }) => name === 'price')
    t.match(own, { scope: { name: 'shop' }, parentSpanId: invocation?.spanId ?? 'none' })
    t.equal(fn.stdout() + fn.stderr(), '')
  },

  'docs/bundles.md: // esbuild.config.mjs': checkBundle,

  "CHANGELOG.md:   import { baton } from 'baton/esbuild'": (t, code) =>
    checkBundle(
      t,
      `${code}import { build } from 'esbuild'
      await build({ entryPoints: ['src/index.ts'], bundle: true, platform: 'node', outdir: 'out', plugins: [baton()] })`,
    ),
}

/** Runs it as esbuild.config.mjs beside a function with winston, and the bundle that it makes. */
async function checkBundle(t: Test, config: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'baton-snippet-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  for (const name of ['src', 'node_modules']) await mkdir(join(folder, name))
  await symlink(ROOT, join(folder, 'node_modules', 'baton'))
  for (const name of ['esbuild', 'winston'])
    await symlink(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name))
  await writeFile(join(folder, 'esbuild.config.mjs'), config)
  const source = `import winston from 'winston'
    const log = winston.createLogger({ transports: [new winston.transports.Console()] })
    export const handler = async () => { log.info('hello') }`
  await writeFile(join(folder, 'src', 'index.ts'), source)
  execFileSync('/usr/bin/env', ['-i', process.execPath, 'esbuild.config.mjs'], { cwd: folder })

  await using collector = await startCollector()
  await using fn = await startFunction({
    files: { 'index.js': await readFile(join(folder, 'out', 'index.js'), 'utf8') },
    events: [{}],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  })
  await fn.answered(1)
  const [span] = await collector.waitForSpans(1)
  // Without the plugin nothing could hook winston in a bundle, and the line would have no trace.
  const [line = ''] = fn.stdout().match(/^\{.*$/m) ?? []
  t.match(JSON.parse(line), { message: 'hello', trace_id: span?.traceId ?? 'none' })
  t.notMatch(fn.stdout(), /WARN/)
}

t.test('JavaScript of the documents', async t => {
  await forEachSnippet(
    'js',
    CHECKS,
    (title, { text }, check) => t.test(title, t => check(t, text)),
    message => t.fail(message),
  )
})

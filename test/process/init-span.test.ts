// The init phase as spans: its phases, the tree of what was loaded, threshold and cap; off, not sampled, timed out.
import t from 'tap'
import { type FunctionOptions, startFunction } from '../helpers/function.ts'
import { type CollectedSpan, startCollector } from '../helpers/otlp.ts'
import { untilLogged } from '../helpers/streaming.ts'

/** Far above the threshold that these tests set, on any machine. */
const SLOW = 'for (const end = Date.now() + 60; Date.now() < end; );'
const MIN_MS = '30'
const CJS = {
  'index.js': `require('quick'); require('slow'); require('./own'); try { require('broken') } catch {}; exports.handler = async () => 1`,
  'own.js': `${SLOW} require('@scope/other')`,
  'node_modules/quick/index.js': '',
  'node_modules/slow/index.js': `${SLOW} ${SLOW} require('./lib/deep')`,
  'node_modules/slow/lib/deep.js': SLOW,
  'node_modules/@scope/other/index.js': `${SLOW} require('slow/lib/deep')`,
  'node_modules/broken/index.js': `${SLOW} throw new Error('broken')`,
}
const ESM = {
  'index.mjs': `import 'slow'; import 'modern'; import './own.mjs'; await import('later'); export const handler = async () => 1`,
  'own.mjs': SLOW,
  'node_modules/slow/index.js': SLOW,
  'node_modules/modern/package.json': '{"type":"module","exports":"./index.js"}',
  'node_modules/modern/index.js': SLOW,
  'node_modules/later/package.json': '{"type":"module","exports":"./index.js"}',
  'node_modules/later/index.js': SLOW,
}

type Tree = readonly [name: string, ...children: Tree[]]

interface Run {
  readonly spans: readonly CollectedSpan[]
  readonly invocation: CollectedSpan | undefined
  readonly init: CollectedSpan | undefined
}

async function run(
  files: FunctionOptions['files'],
  env: Readonly<Record<string, string>> = {},
): Promise<Run> {
  await using collector = await startCollector()
  await using fn = await startFunction({
    files,
    events: [{}, {}],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      BATON_INIT_SPANS: undefined,
      BATON_INIT_MIN_MS: MIN_MS,
      ...env,
    },
  })
  await fn.answered(2)
  fn.process.kill('SIGTERM')
  await fn.exit
  t.equal(fn.stdout() + fn.stderr(), '')
  const spans = [...collector.spans]
  return {
    spans,
    invocation: spans.find(span => span.attributes['faas.coldstart'] === true),
    init: spans.find(span => span.name === 'init'),
  }
}

function treeBelow(span: CollectedSpan | undefined, spans: readonly CollectedSpan[]): Tree[] {
  return spans
    .filter(each => each.parentSpanId === span?.spanId)
    .sort((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano))
    .map(each => [each.name, ...treeBelow(each, spans)])
}

t.test('CommonJS: one glance says which dependency to drop', async t => {
  const { spans, invocation, init } = await run(CJS)
  t.match(init, {
    kind: 'INTERNAL',
    traceId: invocation?.traceId,
    parentSpanId: invocation?.spanId,
  })
  t.strictSame(treeBelow(init, spans), [
    [
      'handler',
      [
        'require index.js',
        ['require slow', ['require slow/lib/deep']],
        ['require own', ['require @scope/other']],
        ['require broken'],
      ],
    ],
  ])
  const phases = ['node', 'tracing', 'handler'].map(
    name => init?.attributes[`baton.init.${name}_ms`],
  )
  t.ok(phases.every(ms => typeof ms === 'number' && ms > 0))
  const all = Number((init?.endTimeUnixNano ?? 0n) - (init?.startTimeUnixNano ?? 0n)) / 1e6
  t.ok(
    phases.reduce<number>((sum, ms) => sum + Number(ms), 0) <= all,
    'they lie one after the other',
  )
  const packages = (init?.attributes['baton.init.packages'] ?? []) as readonly string[]
  t.strictSame(
    packages.map(each => each.replace(/ [0-9]+\.[0-9] ms$/, '')).sort(),
    ['@scope/other', 'broken', 'slow'],
    'those that took long',
  )
  t.match(packages[0], /^slow /, 'with what it loads itself')
  t.match(spans.find(span => span.name === 'require slow/lib/deep')?.attributes, {
    'code.file.path': /\/node_modules\/slow\/lib\/deep$/,
  })
  t.equal(spans.find(span => span.name === 'require broken')?.status.code, 'ERROR')
  for (const span of spans.filter(each => each.name !== 'fn')) {
    t.ok(span.startTimeUnixNano >= (init?.startTimeUnixNano ?? 0n), span.name)
    t.ok(span.endTimeUnixNano <= (init?.endTimeUnixNano ?? 0n), span.name)
  }
  t.ok((init?.endTimeUnixNano ?? 0n) <= (invocation?.startTimeUnixNano ?? 0n))
  t.equal(spans.filter(span => span.name === 'init').length, 1, 'once, for two invocations')
})

t.test('ES modules: what is imported, read first and then run', async t => {
  const { spans, init } = await run(ESM)
  const [handler] = treeBelow(init, spans)
  t.match(handler, ['handler', ['import index.mjs']])
  const names = spans.map(span => span.name)
  t.ok(names.includes('run'))
  const later = spans.find(span => span.name === 'import later')
  t.ok(later, 'import() names what it asks for')
  const required = spans.find(span => span.name === 'require slow/index.js')
  t.equal(
    spans.find(span => span.spanId === required?.parentSpanId)?.name,
    'run',
    'CommonJS runs after all modules were read',
  )
  t.match(init?.attributes['baton.init.packages'], [/^(slow|later) /, /^(slow|later) /])
})

t.test('the cap holds, keeps the slowest, and what is cut is counted', async t => {
  const { spans, init } = await run(CJS, { BATON_INIT_MAX_SPANS: '4', BATON_INIT_MIN_MS: '0' })
  const below = spans.filter(span => span.name !== 'fn')
  t.equal(below.length, 4)
  t.strictSame(treeBelow(init, spans), [['handler', ['require index.js', ['require slow']]]])
  t.ok(Number(init?.attributes['baton.init.omitted']) >= 5)
})

t.test('what is quicker than the threshold has no span', async t => {
  const { spans } = await run(CJS, { BATON_INIT_MIN_MS: '60000' })
  t.strictSame(spans.map(span => span.name).sort(), ['fn', 'fn', 'init'])
})

t.test(
  'switched off, or not sampled, there is none; kept with its invocation there is',
  async t => {
    const off = await run(CJS, { BATON_INIT_SPANS: 'false' })
    t.strictSame(
      off.spans.map(span => span.name),
      ['fn', 'fn'],
    )
    const unsampled = { OTEL_TRACES_SAMPLER: 'always_off', BATON_INIT_MIN_MS: '60000' }
    t.strictSame((await run(CJS, unsampled)).spans, [])
    const kept = await run(CJS, { ...unsampled, BATON_SAMPLE_KEEP: 'cold-starts' })
    t.strictSame(kept.spans.map(span => span.name).sort(), ['fn', 'init'])
    t.equal(kept.init?.parentSpanId, kept.invocation?.spanId)
  },
)

t.test('a first invocation that runs out of time tells of it too', async t => {
  await using collector = await startCollector()
  await using fn = await startFunction({
    files: {
      'index.js': `${SLOW} exports.handler = () => { console.log('hanging'); return new Promise(() => setInterval(() => {}, 1000)) }`,
    },
    events: [{}],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      BATON_INIT_SPANS: undefined,
      BATON_INIT_MIN_MS: MIN_MS,
    },
  })
  await untilLogged(fn, /hanging/)
  fn.process.kill('SIGTERM')
  const spans = await collector.waitForSpans(all => all.some(span => span.name === 'fn'))
  const invocation = spans.find(span => span.name === 'fn')
  t.match(
    spans.find(span => span.name === 'init'),
    { parentSpanId: invocation?.spanId },
  )
})

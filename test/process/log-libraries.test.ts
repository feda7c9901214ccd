// Loggers that write to stdout themselves: their lines come out as they wrote them, with the span's ids while there is
// tracing.
import { createRequire } from 'node:module'
import { build } from 'esbuild'
import t from 'tap'
import { startFunction } from '../helpers/function.ts'
import { startCollector } from '../helpers/otlp.ts'
import { untilLogged } from '../helpers/streaming.ts'

const require = createRequire(import.meta.url)

t.test('pino: its JSON lines are whole and untouched', async t => {
  await using fn = await startFunction({
    files: {
      'index.js': `
        const logger = require(${JSON.stringify(require.resolve('pino'))})({ base: { app: 'a' }, timestamp: false })
        exports.handler = async event => { logger.info({ n: event.n, text: 'two\\nlines' }, 'hello'); return 1 }`,
    },
    events: [{ n: 1 }, { n: 2 }],
    env: { AWS_LAMBDA_LOG_FORMAT: 'JSON' },
  })
  await fn.answered(2)
  await untilLogged(fn, /"n":2/)
  t.equal(
    fn.stdout(),
    [1, 2]
      .map(n => `{"level":30,"app":"a","n":${n},"text":"two\\nlines","msg":"hello"}\n`)
      .join(''),
  )
})

t.test('winston: what its console transport writes is what comes out', async t => {
  await using fn = await startFunction({
    files: {
      'index.js': `
        const winston = require(${JSON.stringify(require.resolve('winston'))})
        const logger = winston.createLogger({ transports: [new winston.transports.Console()] })
        exports.handler = async event => { logger.warn('hello', { n: event.n }); return 1 }`,
    },
    events: [{ n: 1 }],
  })
  await fn.answered(1)
  t.equal(fn.stdout(), '{"level":"warn","message":"hello","n":1}\n')
})

const PINO = `
  const logger = pino({ base: { app: 'a' }, timestamp: false })
  logger.info('at load')
  HANDLER = async () => {
    logger.info({ n: 1 }, 'hello')
    logger.child({ part: 'x' }).warn('child')
    logger.info({ trace_id: 'mine' }, 'own')
    pino({ base: null, timestamp: false, mixin: () => ({ trace_id: 'mixed' }) }).info('mixin')
  }`

async function bundlePino(): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `const pino = require('pino');${PINO.replace('HANDLER', 'exports.handler')}`,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    minify: true,
    platform: 'node',
    write: false,
  })
  return outputFiles[0]?.text ?? ''
}

const forms: Readonly<Record<string, () => Promise<Record<string, string>>>> = {
  CommonJS: async () => ({
    'index.js': `const pino = require('pino');${PINO.replace('HANDLER', 'exports.handler')}`,
  }),
  'ES module': async () => ({
    'index.mjs': `import pino from 'pino';${PINO.replace('HANDLER', 'export const handler')}`,
  }),
  'bundled and minified': async () => ({ 'index.js': await bundlePino() }),
}
for (const [form, files] of Object.entries(forms)) {
  for (const logTraceIds of ['json', 'none']) {
    t.test(`pino, ${form}, BATON_LOG_TRACE_IDS=${logTraceIds}`, async t => {
      await using collector = await startCollector()
      await using fn = await startFunction({
        files: await files(),
        hasPackages: true,
        events: [{}],
        env: {
          OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
          BATON_LOG_TRACE_IDS: logTraceIds,
        },
      })
      await fn.answered(1)
      const [span] = await collector.waitForSpans(1)
      await untilLogged(fn, /"mixed"/)
      await untilLogged(fn, /"own"/)
      const ids =
        logTraceIds === 'json' ? `,"trace_id":"${span?.traceId}","span_id":"${span?.spanId}"` : ''
      // Two loggers write when they can, each in its order.
      const expected = [
        '{"level":30,"app":"a","msg":"at load"}',
        `{"level":30,"app":"a"${ids},"n":1,"msg":"hello"}`,
        `{"level":40,"app":"a","part":"x"${ids},"msg":"child"}`,
        '{"level":30,"app":"a","trace_id":"mine","msg":"own"}',
        '{"level":30,"trace_id":"mixed","msg":"mixin"}',
      ]
      t.strictSame(fn.stdout().trimEnd().split('\n').sort(), expected.sort())
    })
  }
}

// Loggers that write to stdout themselves: their lines come out as they wrote them.
import { createRequire } from 'node:module'
import t from 'tap'
import { startFunction } from '../helpers/function.ts'

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

// bunyan, winston and Powertools' Logger as they are published, with their modules handed over as the hooks do.
import { createRequire } from 'node:module'
import { PassThrough } from 'node:stream'
import t from 'tap'
import winston from 'winston'
import { isLogFileWanted, LOG_FILES } from '../../../instrumentation/libraries/log-files.ts'
import { createLogWraps } from '../../../instrumentation/libraries/log-lines.ts'
import type { TraceIds } from '../../../runtime/contract.ts'

const IDS: TraceIds = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }
const EXPECTED = { trace_id: IDS.traceId, span_id: IDS.spanId }
const require = createRequire(import.meta.url)
const bunyan = require('bunyan')
const [json, simple] = [require('logform/json.js'), require('logform/simple.js')]

let ids: TraceIds | undefined = IDS
const wraps = createLogWraps(() => ids)

t.beforeEach(() => {
  ids = IDS
})

t.test('the files that are hooked are there, in the versions that are installed', async t => {
  for (const { package: name, file } of LOG_FILES)
    t.doesNotThrow(
      () => require.resolve(`../../../node_modules/${name}/${file}`),
      `${name}/${file}`,
    )
  const wanted = (lines: 'json' | 'all' | 'none') =>
    LOG_FILES.filter(file => isLogFileWanted(file, lines)).length
  t.strictSame([wanted('none'), wanted('json'), wanted('all')], [0, 4, 5])
})

t.test('bunyan: records name the span that is active, and keep what they say', async t => {
  wraps.wrapBunyan({ exports: bunyan })
  const stream = new PassThrough()
  const logger = bunyan.createLogger({ name: 'app', streams: [{ stream }] })
  const line = (): unknown => JSON.parse(String(stream.read()))
  logger.child({ part: 'x' }).info({ n: 1 }, 'hello')
  t.match(line(), { ...EXPECTED, name: 'app', part: 'x', n: 1, msg: 'hello' })
  logger.info({ trace_id: 'mine' }, 'own')
  t.match(line(), { trace_id: 'mine', span_id: undefined })
  ids = undefined
  logger.info('outside')
  t.notMatch(line(), { trace_id: String })
})

t.test('winston: JSON lines do, and text lines only when they are asked to', async t => {
  const write = (format: winston.Logform.Format): string => {
    const stream = new PassThrough()
    const logger = winston.createLogger({
      format,
      transports: [new winston.transports.Stream({ stream })],
    })
    logger.warn('hello', { n: 1 })
    return String(stream.read())
  }
  wraps.wrapLogform({ exports: json })
  t.strictSame(JSON.parse(write(winston.format.json())), {
    level: 'warn',
    message: 'hello',
    n: 1,
    ...EXPECTED,
  })
  t.match(
    JSON.parse(write(winston.format.combine(winston.format.timestamp(), winston.format.json()))),
    EXPECTED,
  )
  t.equal(write(winston.format.simple()), 'warn: hello {"n":1}\n')
  wraps.wrapLogformText({ exports: simple })
  const [, fields = ''] = write(winston.format.simple()).split('warn: hello ')
  t.strictSame(JSON.parse(fields), { n: 1, ...EXPECTED })
  ids = undefined
  t.equal(write(winston.format.simple()), 'warn: hello {"n":1}\n')
})

for (const [form, load] of Object.entries({
  CommonJS: () => require('@aws-lambda-powertools/logger'),
  'ES module': () => import('@aws-lambda-powertools/logger'),
})) {
  t.test(`Powertools' Logger, ${form}: its lines do`, async t => {
    const exports = await load()
    wraps.wrapPowertools({ exports })
    process.env.POWERTOOLS_DEV = 'true'
    const lines: string[] = []
    t.intercept(console, 'info', { value: (line: string) => void lines.push(line) })
    const logger = new exports.Logger({ serviceName: 'shop' })
    logger.info('hello', { n: 1 })
    logger.info('own', { trace_id: 'mine' })
    ids = undefined
    logger.info('outside')
    const [hello, own, outside] = lines.map(line => JSON.parse(line))
    t.match(hello, { ...EXPECTED, message: 'hello', service: 'shop', n: 1 })
    t.match(own, { trace_id: 'mine', span_id: undefined })
    t.match(outside, { message: 'outside', trace_id: undefined })
  })
}

t.test('modules of another shape are left alone', async t => {
  for (const exports of [undefined, null, 5, {}, () => {}, { Format: {}, Logger: class {} }]) {
    for (const wrap of Object.values(wraps)) t.doesNotThrow(() => wrap({ exports }))
  }
})

// C74 and C130-C138: the log in both formats, with the request id of the invocation that the line belongs to.
import t from 'tap'
import { startFunction } from '../helpers/function.ts'
import { startCollector } from '../helpers/otlp.ts'

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** Lines of text logs by their four columns. */
function columns(stdout: string): string[][] {
  return stdout
    .trimEnd()
    .split('\n')
    .map(line => line.split('\t'))
}

t.test(
  'C130 C132 C133 text: time, id, level, message; newlines as \\r; `-` before the first event',
  async t => {
    await using fn = await startFunction({
      files: {
        'index.js': `console.log("init")
        exports.handler = async () => {
          for (const level of ['log', 'info', 'warn', 'error', 'debug', 'trace', 'fatal']) console[level](level)
          console.log("fmt %s %d %j", "a", 1, { x: 1 })
          console.log("m\\nl")
          console.log()
        }`,
      },
      events: [{}],
    })
    await fn.answered(1)
    const lines = columns(fn.stdout())
    for (const [time] of lines) t.match(time, TIME)
    t.strictSame(
      lines.map(line => line.slice(1)),
      [
        ['-', 'INFO', 'init'],
        ['req-0', 'INFO', 'log'],
        ['req-0', 'INFO', 'info'],
        ['req-0', 'WARN', 'warn'],
        ['req-0', 'ERROR', 'error'],
        ['req-0', 'DEBUG', 'debug'],
        ['req-0', 'TRACE', 'trace'],
        ['req-0', 'FATAL', 'fatal'],
        ['req-0', 'INFO', 'fmt a 1 {"x":1}'],
        ['req-0', 'INFO', 'm\rl'],
        ['req-0', 'INFO', 'undefined'],
      ],
    )
  },
)

t.test('C131 what is not a log line stays as it is', async t => {
  await using fn = await startFunction({
    files: {
      'index.js': `exports.handler = async () => {
        process.stdout.write("raw 1\\n")
        new console.Console(process.stdout).log("raw 2")
        console.dir({ raw: 3 })
        console.log("last")
      }`,
    },
    events: [{}],
  })
  await fn.answered(1)
  t.match(fn.stdout().split('\n'), ['raw 1', 'raw 2', '{ raw: 3 }', /\tINFO\tlast$/])
})

t.test('C134 C135 JSON: keys, objects, errors, tenant', async t => {
  await using fn = await startFunction({
    files: {
      'index.js': `console.log("init")
        exports.handler = async () => {
          const error = Object.assign(new TypeError("boom"), { code: 'E_X' })
          console.log("p"); console.log({ a: 1 }); console.log(undefined)
          console.error(error); console.error("e", error); console.log("a\\nb")
          const cycle = {}; cycle.cycle = cycle; console.log(cycle); console.log(1n)
        }`,
    },
    events: [{ body: '{}', headers: { 'Lambda-Runtime-Aws-Tenant-Id': 'blue' } }],
    env: { AWS_LAMBDA_LOG_FORMAT: 'json' },
  })
  await fn.answered(1)
  const lines = fn
    .stdout()
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
  t.strictSame(Object.keys(lines[1]), ['timestamp', 'level', 'requestId', 'tenantId', 'message'])
  for (const { timestamp } of lines) t.match(timestamp, TIME)
  t.strictSame(
    lines.slice(0, 4).map(({ timestamp: _, ...rest }) => rest),
    [
      { level: 'INFO', requestId: '-', message: 'init' },
      { level: 'INFO', requestId: 'req-0', tenantId: 'blue', message: 'p' },
      { level: 'INFO', requestId: 'req-0', tenantId: 'blue', message: { a: 1 } },
      { level: 'INFO', requestId: 'req-0', tenantId: 'blue' },
    ],
  )
  const spelled = { errorType: 'TypeError', errorMessage: 'boom', stackTrace: [/^TypeError: boom/] }
  t.match(lines[4], { level: 'ERROR', message: { ...spelled, code: 'E_X' } })
  t.match(lines[5], { message: /^e TypeError: boom/, ...spelled })
  t.match(lines.slice(6), [{ message: 'a\nb' }, { message: /Circular/ }, { message: '1n' }])
})

t.test('JSON: the runtime speaks it too', async t => {
  await using fn = await startFunction({
    files: { 'index.js': 'exports.handler = async () => { throw new TypeError("boom") }' },
    events: [{}],
    env: { AWS_LAMBDA_LOG_FORMAT: 'JSON' },
  })
  await fn.answered(1)
  t.match(JSON.parse(fn.stdout()), {
    level: 'ERROR',
    requestId: 'req-0',
    message: { errorType: 'TypeError', errorMessage: 'boom' },
  })
})

for (const [level, shown] of [
  ['warn', ['WARN', 'ERROR', 'FATAL']],
  ['FATAL', ['FATAL']],
  ['bogus', ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']],
] as const) {
  t.test(`C136 AWS_LAMBDA_LOG_LEVEL=${level} shows ${shown.join(', ')}`, async t => {
    await using fn = await startFunction({
      files: {
        'index.js': `exports.handler = async () => {
          for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal']) console[level](level) }`,
      },
      events: [{}],
      env: { AWS_LAMBDA_LOG_LEVEL: level },
    })
    await fn.answered(1)
    t.strictSame(
      columns(fn.stdout()).map(line => line[2]),
      shown,
    )
  })
}

t.test(
  'C74 C138 the id is that of the invocation that started the work, on every kind of hop',
  async t => {
    await using fn = await startFunction({
      files: {
        'index.js': `
        const { EventEmitter, once } = require('node:events')
        const { readFile } = require('node:fs/promises')
        exports.handler = async event => {
          setTimeout(() => console.log('late', event.n), 60)
          await new Promise(r => setTimeout(r, 2)); console.log('timer', event.n)
          await readFile(__filename); console.log('file', event.n)
          process.nextTick(() => console.log('tick', event.n))
          await new Promise(r => setImmediate(r)); console.log('immediate', event.n)
          if (event.n === 1) await new Promise(r => setTimeout(r, 120))
        }`,
      },
      events: [{ n: 0 }, { n: 1 }],
    })
    await fn.answered(2)
    const lines = columns(fn.stdout())
    t.equal(lines.length, 10)
    for (const [, id, , message = ''] of lines) t.equal(id, `req-${message.split(' ')[1]}`, message)
  },
)

t.test('a telemetry option that cannot be used is said once, and the function runs', async t => {
  await using fn = await startFunction({
    files: { 'index.js': 'exports.handler = async () => 1' },
    events: [{}],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318',
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key s3cret',
    },
  })
  await fn.answered(1)
  t.equal(fn.api.posts[0]?.body, '1')
  const lines = columns(fn.stdout())
  t.match(
    lines.map(line => line.slice(2)),
    [
      [
        'WARN',
        /OTEL_EXPORTER_OTLP_ENDPOINT: expected an http:\/\/ or https:\/\/ URL, got "collector:4318"/,
      ],
      ['WARN', /OTEL_EXPORTER_OTLP_TRACES_HEADERS|OTEL_EXPORTER_OTLP_HEADERS/],
    ],
  )
  t.notMatch(fn.stdout(), /s3cret/)
})

t.test(
  'JSON lines name the active span, text lines on request, untraced lines nothing',
  async t => {
    const files = { 'index.js': 'exports.handler = async () => console.log("m")' }
    await using collector = await startCollector()
    const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }
    const run = async (env: Record<string, string>): Promise<string> => {
      await using fn = await startFunction({ files, events: [{}], env })
      await fn.answered(1)
      return fn.stdout()
    }
    const json = JSON.parse(await run({ ...traced, AWS_LAMBDA_LOG_FORMAT: 'JSON' }))
    const text = await run({ ...traced, BATON_LOG_TRACE_IDS: 'all' })
    const [first, second] = await collector.waitForSpans(2)
    t.strictSame(Object.keys(json), [
      'timestamp',
      'level',
      'requestId',
      'trace_id',
      'span_id',
      'message',
    ])
    t.match(json, { trace_id: first?.traceId, span_id: first?.spanId })
    t.ok(text.endsWith(`\tm trace_id=${second?.traceId} span_id=${second?.spanId}\n`))
    t.match(await run(traced), /\tm\n$/)
    t.notMatch(await run({ AWS_LAMBDA_LOG_FORMAT: 'JSON' }), /trace_id/)
    t.notMatch(
      await run({ ...traced, AWS_LAMBDA_LOG_FORMAT: 'JSON', BATON_LOG_TRACE_IDS: 'none' }),
      /trace_id/,
    )
  },
)

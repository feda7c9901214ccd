import t from 'tap'
import { LOG_LEVELS, type LogFormat, type LogLevel } from '../../../runtime/logs/levels.ts'
import { formatTextLine } from '../../../runtime/logs/line.ts'
import { createLogger, type Logger, type LogScope } from '../../../runtime/logs/logger.ts'
import type { LogSink } from '../../../runtime/logs/sink.ts'

const NOW = new Date('2024-01-02T03:04:05.678Z')

function collect(
  format: LogFormat,
  threshold: LogLevel,
  scope: () => LogScope | undefined = () => undefined,
): { readonly logger: Logger; readonly lines: readonly string[] } {
  const lines: string[] = []
  const sink: LogSink = { formatText: formatTextLine, write: line => void lines.push(line) }
  return { logger: createLogger({ format, threshold, scope, sink, now: () => NOW }), lines }
}

t.test('C133 outside of any invocation the request id is a dash', async t => {
  const text = collect('text', 'TRACE')
  text.logger.write('INFO', ['hello'])
  t.strictSame(text.lines, ['2024-01-02T03:04:05.678Z\t-\tINFO\thello'])
  const json = collect('json', 'TRACE')
  json.logger.write('WARN', ['hello'])
  t.strictSame(json.lines, [
    '{"timestamp":"2024-01-02T03:04:05.678Z","level":"WARN","requestId":"-","message":"hello"}',
  ])
})

t.test('C138 C135 each line asks anew whose it is', async t => {
  let scope: LogScope | undefined = { requestId: 'req-0', tenantId: 'blue' }
  const { logger, lines } = collect('json', 'TRACE', () => scope)
  logger.write('INFO', [1])
  scope = { requestId: 'req-1', tenantId: undefined }
  logger.write('INFO', [2])
  scope = undefined
  logger.write('INFO', [3])
  t.strictSame(
    lines.map(line => JSON.parse(line)).map(({ requestId, tenantId }) => [requestId, tenantId]),
    [
      ['req-0', 'blue'],
      ['req-1', undefined],
      ['-', undefined],
    ],
  )
})

for (const format of ['text', 'json'] as const) {
  for (const [index, threshold] of LOG_LEVELS.entries()) {
    t.test(
      `C136 ${format} at ${threshold} writes ${LOG_LEVELS.slice(index).join(', ')}`,
      async t => {
        const { logger, lines } = collect(format, threshold)
        t.equal(logger.format, format)
        for (const level of LOG_LEVELS) logger.write(level, [level])
        t.equal(lines.length, LOG_LEVELS.length - index)
        t.ok(lines.every((line, at) => line.includes(LOG_LEVELS[index + at] ?? '?')))
        t.strictSame(LOG_LEVELS.filter(logger.shows), LOG_LEVELS.slice(index))
      },
    )
  }
}

t.test('what is not shown is not formatted', async t => {
  const { logger, lines } = collect('text', 'ERROR')
  logger.write('INFO', [
    {
      [Symbol.for('nodejs.util.inspect.custom')]() {
        t.fail('formatted')
      },
    },
  ])
  t.strictSame(lines, [])
})

import { Console } from 'node:console'
import { PassThrough } from 'node:stream'
import t from 'tap'
import { patchConsole } from '../../../runtime/logs/console.ts'
import type { LogFormat, LogLevel } from '../../../runtime/logs/levels.ts'
import { formatTextLine } from '../../../runtime/logs/line.ts'
import { createLogger } from '../../../runtime/logs/logger.ts'

interface PatchedConsole extends Console {
  /** Lambda's own. */
  fatal(...args: unknown[]): void
}

function patch(threshold: LogLevel = 'TRACE', format: LogFormat = 'text') {
  const lines: string[] = []
  const raw = new PassThrough()
  const target = new Console({ stdout: raw, stderr: raw }) as PatchedConsole
  patchConsole(
    target,
    createLogger({
      format,
      threshold,
      scope: () => ({ requestId: 'req-0', tenantId: undefined }),
      sink: { formatText: formatTextLine, write: line => void lines.push(line) },
      now: () => new Date(0),
    }),
  )
  return { target, lines, raw: () => String(raw.read() ?? '') }
}

const HEAD = '1970-01-01T00:00:00.000Z\treq-0\t'

t.test('C130 the methods and their levels', async t => {
  const { target, lines, raw } = patch()
  for (const method of ['log', 'info', 'warn', 'error', 'debug', 'trace', 'fatal'] as const) {
    target[method]('by %s', method)
  }
  t.strictSame(lines, [
    `${HEAD}INFO\tby log`,
    `${HEAD}INFO\tby info`,
    `${HEAD}WARN\tby warn`,
    `${HEAD}ERROR\tby error`,
    `${HEAD}DEBUG\tby debug`,
    `${HEAD}TRACE\tby trace`,
    `${HEAD}FATAL\tby fatal`,
  ])
  t.equal(raw(), '')
})

t.test('methods work without their console, as callbacks do', async t => {
  const { target, lines } = patch()
  const { log } = target
  ;['a', 'b'].forEach(each => {
    log(each)
  })
  t.strictSame(lines, [`${HEAD}INFO\ta`, `${HEAD}INFO\tb`])
})

t.test('C130 what Node writes through log and warn comes out as lines', async t => {
  const { target, lines, raw } = patch()
  target.table([{ a: 1 }])
  target.count('c')
  target.group('g')
  target.assert(false, 'not so')
  target.time('t')
  target.timeEnd('t')
  t.equal(lines.length, 5)
  t.match(lines[0], /\tINFO\t┌.*\r/)
  t.equal(lines[1], `${HEAD}INFO\tc: 1`)
  t.equal(lines[2], `${HEAD}INFO\tg`)
  t.match(lines[3], /\tWARN\tAssertion failed: not so$/)
  t.match(lines[4], /\tINFO\tt: \d/)
  t.equal(raw(), '')
})

t.test('C131 dir, and a console of its own, stay as Node has them', async t => {
  const { target, lines, raw } = patch()
  target.dir({ a: 1 })
  t.equal(raw(), '{ a: 1 }\n')
  const own = new PassThrough()
  new Console(own).log('own')
  t.equal(String(own.read()), 'own\n')
  t.strictSame(lines, [])
})

for (const [threshold, shown] of [
  ['TRACE', ['TRACE', 'DEBUG', 'INFO', 'INFO', 'WARN', 'ERROR', 'FATAL']],
  ['WARN', ['WARN', 'ERROR', 'FATAL']],
  ['FATAL', ['FATAL']],
] as const) {
  t.test(`C136 below ${threshold} the methods do nothing`, async t => {
    for (const format of ['text', 'json'] as const) {
      const { target, lines, raw } = patch(threshold, format)
      for (const method of ['trace', 'debug', 'log', 'info', 'warn', 'error', 'fatal'] as const) {
        target[method]('x')
      }
      t.strictSame(
        lines.map(line => (format === 'json' ? JSON.parse(line).level : line.split('\t')[2])),
        shown,
      )
      t.equal(raw(), '')
    }
  })
}

t.test('a method can be replaced by the user, and is listed as before', async t => {
  const { target, lines } = patch()
  t.ok(Object.keys(target).includes('log'))
  target.log = () => void lines.push('replaced')
  target.log('x')
  t.strictSame(lines, ['replaced'])
})

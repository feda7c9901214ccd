// bunyan, winston and Powertools in the built bootstrap: their lines name the span that is active, and only if asked to.
import t from 'tap'
import { startFunction } from '../helpers/function.ts'
import { startCollector } from '../helpers/otlp.ts'

const LOGGERS: Readonly<Record<string, readonly [name: string, make: string]>> = {
  bunyan: ['bunyan', "bunyan.createLogger({ name: 'a' })"],
  winston: [
    'winston',
    'winston.createLogger({ format: winston.format.json(), transports: [new winston.transports.Console()] })',
  ],
  powertools: ['@aws-lambda-powertools/logger', "new lib.Logger({ serviceName: 'a' })"],
}

function filesOf(library: string, form: string): Readonly<Record<string, string>> {
  const [name, make] = LOGGERS[library] ?? ['', '']
  const local = name.startsWith('@') ? 'lib' : library
  const work = `const logger = ${make}; HANDLER = async () => { logger.info('hello') }`
  if (form === 'CommonJS') {
    const code = work.replace('HANDLER', 'exports.handler')
    return { 'index.js': `const ${local} = require('${name}'); ${code}` }
  }
  const code = work.replace('HANDLER', 'export const handler')
  const what = local === 'lib' ? '* as lib' : local
  return { 'index.mjs': `import ${what} from '${name}'; ${code}` }
}

for (const library of Object.keys(LOGGERS)) {
  for (const form of ['CommonJS', 'ES module']) {
    for (const logTraceIds of ['json', 'none']) {
      t.test(`${library}, ${form}, BATON_LOG_TRACE_IDS=${logTraceIds}`, async t => {
        await using collector = await startCollector()
        await using fn = await startFunction({
          files: filesOf(library, form),
          hasPackages: true,
          events: [{}],
          env: {
            OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
            BATON_LOG_TRACE_IDS: logTraceIds,
          },
        })
        await fn.answered(1)
        const [span] = await collector.waitForSpans(1)
        const line = fn
          .stdout()
          .split('\n')
          .find(each => each.includes('hello'))
        const { trace_id, span_id } = JSON.parse(line?.slice(line.indexOf('{')) ?? '{}')
        const expected =
          logTraceIds === 'json' ? [span?.traceId, span?.spanId] : [undefined, undefined]
        t.ok(line)
        t.strictSame([trace_id, span_id], expected)
      })
    }
  }
}

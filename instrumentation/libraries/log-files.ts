// The files of loggers that publish nothing; `log-lines.ts` has the code for them.
import type { HookedFile } from '../hooks/module-hooks.ts'

/** The chunk that these name: code of `log-lines.ts`, and no bundle of its own. */
export const LOG_LINES = 'log-lines'

type LogFile = HookedFile & {
  readonly wrap: 'wrapBunyan' | 'wrapLogform' | 'wrapLogformText' | 'wrapPowertools'
}

/** winston's lines are made by logform. */
export const LOG_FILES: readonly LogFile[] = [
  {
    ...file('bunyan', 'bunyan', '>=1.8.0', 'lib/bunyan.js', 'wrapBunyan'),
    mark: 'bunyan usage error: ',
  },
  {
    ...file('winston', 'logform', '>=2.0.0', 'json.js', 'wrapLogform'),
    mark: '[winston] Attempt to write logs with no transports',
  },
  file('winston', 'logform', '>=2.0.0', 'simple.js', 'wrapLogformText'),
  ...['cjs', 'esm'].map(form => ({
    ...file(
      'powertools',
      '@aws-lambda-powertools/logger',
      '>=2.0.0',
      `lib/${form}/Logger.js`,
      'wrapPowertools',
    ),
    names: ['Logger'],
    mark: 'POWERTOOLS_LOGGER_SAMPLE_RATE',
  })),
]

/** Which log lines name the active span. */
export type LogTraceIds = 'json' | 'all' | 'none'

/** Text formats are left alone unless all lines are to name their span. */
export function isLogFileWanted({ wrap }: HookedFile, lines: LogTraceIds): boolean {
  return lines === 'all' || (lines === 'json' && wrap !== 'wrapLogformText')
}

function file(
  library: string,
  name: string,
  versions: string,
  path: string,
  wrap: LogFile['wrap'],
): LogFile {
  return { library, chunk: LOG_LINES, package: name, versions, file: path, wrap }
}

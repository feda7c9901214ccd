// Which files of SQL libraries are hooked.
import type { HookedFile } from '../../hooks/module-hooks.ts'

type Row = readonly [library: string, versions: string, file: string, wrap: string, module?: string]

const ROWS: readonly Row[] = [
  ['pg', '>=8.0.0 <9', 'lib/client.js', 'wrapPgClient'],
  ['pg', '>=3.0.0 <4', 'index.js', 'wrapPgPool', 'pg-pool'],
  ['postgres', '>=3.0.0 <4', 'cjs/src/query.js', 'wrapPostgresQuery'],
  ['postgres', '>=3.0.0 <4', 'src/query.js', 'wrapPostgresQuery'],
  ...['', 'base/'].flatMap((folder): Row[] => [
    ['mysql2', '>=2.0.0 <3.20.0', `lib/${folder}connection.js`, 'wrapMysql2Connection'],
    ['mysql2', '>=2.0.0 <3.20.0', `lib/${folder}pool.js`, 'wrapMysql2Pool'],
  ]),
  ['typeorm', '>=0.3.0 <2', 'entity-manager/EntityManager.js', 'wrapTypeorm'],
  ['sequelize', '>=6.0.0 <7', 'lib/model.js', 'wrapSequelize'],
  ['tedious', '>=10.0.0 <13', 'lib/tedious/connection-pool.js', 'wrapMssqlPool', 'mssql'],
  ['tedious', '>=16.0.0 <21', 'lib/connection.js', 'wrapTedious'],
  ['better-sqlite3', '>=8.0.0 <14', 'lib/methods/wrappers.js', 'wrapBetterSqlite3'],
]

/** By package: what minifying keeps of it. */
const MARKS: Readonly<Record<string, string>> = {
  pg: 'Client has already been connected. You cannot reuse a client',
  postgres: 'Query not called as a tagged template literal',
  mysql2: 'Ignoring invalid configuration option passed to Connection',
  typeorm: 'package has not been found installed',
  sequelize: 'Dialect needs to be explicitly supplied as of v4.0.0',
  tedious: 'Requests can only be made in the ',
  'better-sqlite3': 'In-memory/temporary databases cannot be readonly',
}

export const SQL_FILES: readonly HookedFile[] = ROWS.map(
  ([library, versions, file, wrap, module = library]) => ({
    library,
    chunk: 'sql',
    package: module,
    versions,
    file,
    wrap,
    ...(module in MARKS && { mark: MARKS[module] as string }),
    // Prisma's client tells of its queries itself.
    ...(library === 'pg' && { toldBy: 'prisma' }),
  }),
)

import t from 'tap'
import type { LibraryCall } from '../../helpers/library-run.ts'
import type { CollectedSpan } from '../../helpers/otlp.ts'
import { startPostgres } from '../../helpers/servers/sql.ts'
import type { Row, Trees } from '../../helpers/store-table.ts'
import { startWith, testSql } from './start.ts'

const url = 'postgres://postgres@127.0.0.1:PORT/postgres'
const { env, port } = await startWith(t, startPostgres, url)

const GET = ['GET'] as const

const target = {
  'db.system.name': 'postgresql',
  'db.namespace': 'postgres',
  'server.address': '127.0.0.1',
  'server.port': port,
}

/** What only the driver tells, which is hooked: a bundle has all but these. */
const OF_DRIVER = ['pg.connect', 'BEGIN']

const withoutDriver = (trees: Trees): Trees =>
  trees
    .filter(([name]) => !OF_DRIVER.includes(name))
    .map(([name, ...children]) => [name, ...withoutDriver(children)])

const calls: readonly (readonly [call: string, spans: Trees, isUnordered?: boolean])[] = [
  [
    'prepare',
    [
      ['executeRaw', ['DROP TABLE User', ['pg.connect']]],
      ['executeRaw', ['CREATE TABLE User']],
      ['executeRaw', ['CREATE TABLE Post']],
    ],
  ],
  ['create', [['User.create', ['INSERT public.User']]]],
  ['find many', [['User.findMany', ['SELECT public.User'], ['SELECT public.Post']], GET]],
  ['never waited for', [GET]],
  ['raw query', [['queryRaw', ['SELECT User']]]],
  [
    'batch',
    [
      [
        '$transaction',
        [
          'User.count',
          ['BEGIN'],
          ['SELECT SELECT public.User'],
          ['SELECT SELECT public.Post'],
          ['COMMIT'],
        ],
        ['Post.count'],
      ],
    ],
  ],
  [
    'interactive',
    [['$transaction', ['BEGIN'], GET, ['User.findFirst', ['SELECT public.User']], ['COMMIT']]],
  ],
  [
    'side by side',
    [
      ['User.count', ['SELECT SELECT public.User']],
      ['Post.count', ['SELECT SELECT public.Post']],
    ],
    true,
  ],
  ['unique violation', [['User.create!', ['INSERT public.User!']]]],
  ['wrong arguments', [['User.findMany!']]],
  ['extension', [['User.findFirst', ['SELECT public.User', ['pg.connect']]]]],
]

const rows: readonly Row[] = calls.map(([call, spans, isUnordered = false]) => ({
  call,
  spans,
  isUnordered,
  inBundle: withoutDriver(spans),
}))

/** The query below the first operation of a call. */
const queryOf = (calls: readonly LibraryCall[], name: string): CollectedSpan | undefined =>
  calls.find(({ call }) => call === name)?.spans.find(({ kind }) => kind === 'CLIENT')

for (const [packages, version] of [
  ['newest', '7'],
  ['older', '6'],
] as const)
  testSql(t, {
    source: `prisma-${version}.mjs`,
    module: '@prisma/client',
    versions: [{ packages, version: `${version}.`, inBundles: 'as without a hook' }],
    optional: ['pg-native', 'cloudflare:sockets'],
    env,
    rows,
    check(t, calls, { form }) {
      const found = queryOf(calls, 'find many')?.attributes
      t.match(found, { 'db.system.name': 'postgresql', 'db.collection.name': 'public.User' })
      // Where the driver is seen as well, what it knows stands on the same span.
      if (form !== 'minified bundle') t.match(found, target)
      const failed = queryOf(calls, 'unique violation')?.attributes
      t.match(failed, { 'error.type': '23505', 'db.response.status_code': '23505' })
    },
  })

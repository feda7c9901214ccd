// Options of what is told, and calls that go no usual way.
import { join } from 'node:path'
import t from 'tap'
import { installPackages } from '../../helpers/library-forms.ts'
import {
  answersUntraced,
  type LibraryCall,
  type LibraryRun,
  runLibrary,
} from '../../helpers/library-run.ts'
import { startPostgres } from '../../helpers/servers/sql.ts'
import { startWith } from './start.ts'

const url = 'postgres://postgres@127.0.0.1:PORT/postgres'
const { env } = await startWith(t, startPostgres, url)
const other = join(await installPackages('sql', 'older'), '..', 'package.json')

const caseOf = (
  calls: readonly string[],
  more: Readonly<Record<string, string>> = {},
): LibraryRun => ({
  family: 'sql',
  source: 'edges.mjs',
  form: 'ES module',
  packages: 'newest',
  calls,
  env: { ...env, OTHER_PACKAGES: other, ...more },
})

const run = (
  calls: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<readonly LibraryCall[]> => runLibrary(caseOf(calls, more))

t.test('what goes no usual way is answered as without tracing', async t => {
  const calls = ['early', 'two copies', 'own promise', 'not answered']
  const traced = await run(calls)
  t.strictSame(
    traced.map(({ answer }) => answer),
    await answersUntraced(caseOf(calls)),
  )
  t.strictSame(
    traced.map(({ trees }) => trees),
    [
      [],
      [['pg.connect'], ['SELECT'], ['SELECT']],
      [['pg.connect'], ['SELECT']],
      [['pg.connect'], ['SELECT?']],
    ],
  )
  t.match(traced[3]?.spans[1]?.attributes, { 'db.query.text': 'SELECT pg_sleep(?)' })
})

t.test('a failure that nobody handles is reported, traced or not', async t => {
  const isReported = { message: /UnhandledPromiseRejection.*"code":"42703"/s }
  await t.rejects(run(['not handled']), isReported)
  await t.rejects(answersUntraced(caseOf(['not handled'])), isReported)
})

for (const [mode, text, message] of [
  ['sanitized', 'SELECT ? AS a, ? AS b', 'invalid input syntax for type integer: ?'],
  ['off', undefined, 'invalid input syntax for type integer: ?'],
  ['raw', "SELECT 'secret' AS a, 5 AS b", 'invalid input syntax for type integer: "secret"'],
] as const)
  t.test(`BATON_DB_QUERY_TEXT=${mode}`, async t => {
    const [literal, error] = await run(['literal', 'error with a value'], {
      BATON_DB_QUERY_TEXT: mode,
    })
    const [query] = literal?.spans ?? []
    t.equal(query?.attributes['db.query.text'], text)
    t.equal(query?.attributes['db.query.summary'], 'SELECT')
    t.equal(error?.spans[0]?.status.message, message)
  })

t.test('a library that is switched off', async t => {
  const [literal] = await run(['literal'], { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'pg' })
  t.strictSame(literal?.trees, [])
})

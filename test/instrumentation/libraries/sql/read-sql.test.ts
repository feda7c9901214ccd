import t from 'tap'
import { type Dialect, readSql } from '../../../../instrumentation/libraries/sql/read-sql.ts'
import { startRandom } from '../../../helpers/random.ts'

const summaries: readonly (readonly [text: string, summary: string])[] = [
  ["SELECT * FROM wuser_table WHERE username = 'bob'", 'SELECT wuser_table'],
  [
    'select a.b from public.orders as o, items i join x on x.id = o.id',
    'SELECT public.orders items x',
  ],
  ['SELECT * FROM "song list", "artists"', 'SELECT "song list" artists'],
  ['SELECT "a"."id" FROM "public"."User" AS "a"', 'SELECT public.User'],
  ['INSERT INTO details (a) SELECT b FROM orders WHERE c = 4', 'INSERT details SELECT orders'],
  ['insert into t(a) values ($1) on conflict (a) do update set a = 1 returning *', 'INSERT t'],
  ['UPDATE ONLY t SET a = 1 FROM u', 'UPDATE t'],
  ['DELETE FROM a WHERE id = ANY($1::int[])', 'DELETE a'],
  ['WITH x AS (SELECT * FROM b) SELECT * FROM x JOIN c USING (id)', 'SELECT b SELECT c'],
  [
    'WITH d AS (DELETE FROM q RETURNING *) INSERT INTO h SELECT * FROM d',
    'DELETE q INSERT h SELECT',
  ],
  ["SELECT EXTRACT(YEAR FROM day), TRIM(both ' ' FROM n) FROM t FOR UPDATE", 'SELECT t'],
  ['SELECT a IS DISTINCT FROM b FROM c', 'SELECT c'],
  ['SELECT * FROM (SELECT id FROM t) AS sub', 'SELECT SELECT t'],
  ['(SELECT a FROM b) UNION (SELECT a FROM c)', 'SELECT b SELECT c'],
  ["SELECT REPLACE(a, 'x', 'y') FROM t", 'SELECT t'],
  ['MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET a = 1', 'MERGE t'],
  ['SELECT a FROM t; DELETE FROM u', 'SELECT t DELETE u'],
  ['CREATE TABLE IF NOT EXISTS t (id int REFERENCES o ON DELETE CASCADE)', 'CREATE TABLE t'],
  ['CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)', 'CREATE INDEX i'],
  ['ALTER TABLE t ADD COLUMN x int DEFAULT 5', 'ALTER TABLE t'],
  ['DROP TABLE IF EXISTS a', 'DROP TABLE a'],
  ['TRUNCATE TABLE a', 'TRUNCATE a'],
  ["CALL do_it(1, 'x')", 'CALL do_it'],
  ['COPY t FROM STDIN', 'COPY t'],
  ['BEGIN', 'BEGIN'],
  ['commit;', 'COMMIT'],
  ['SELECT now()', 'SELECT'],
  ["/* SELECT a FROM b */ SELECT -- FROM c\n 'FROM d' FROM e", 'SELECT e'],
  ['', ''],
  [' ; ', ''],
]

t.test('a summary has operations and tables in their order', async t => {
  for (const [text, summary] of summaries) t.equal(readSql(text, 'standard').summary, summary, text)
  const mysql = 'INSERT INTO `t` VALUES (1) ON DUPLICATE KEY UPDATE a = 1'
  t.equal(readSql(mysql, 'mysql').summary, 'INSERT t')
  t.equal(readSql('REPLACE INTO t VALUES (1)', 'mysql').summary, 'REPLACE t')
  t.equal(readSql('DELETE a FROM a JOIN b ON a.id = b.id', 'mysql').summary, 'DELETE a b')
})

t.test('operation and table are told where there is one', async t => {
  t.match(readSql('SELECT * FROM t', 'standard'), { operation: 'SELECT', collection: 't' })
  t.match(readSql('SELECT * FROM t JOIN u', 'standard'), {
    operation: 'SELECT',
    collection: undefined,
  })
  t.match(readSql('SELECT 1; SELECT 2', 'standard'), {
    operation: undefined,
    collection: undefined,
  })
})

t.test('a summary ends before it is too long', async t => {
  const tables = (count: number): string =>
    Array.from({ length: count }, (_, index) => `t${String(index).padStart(2, '0')}`).join(', ')
  // `SELECT` and 62 times a blank and three letters.
  const { summary } = readSql(`SELECT * FROM ${tables(62)}`, 'standard')
  t.equal(summary.length, 254)
  t.equal(readSql(`SELECT * FROM ${tables(63)}`, 'standard').summary, summary)
})

const literals: readonly (readonly [literal: string, dialect: Dialect])[] = [
  ["'secret'", 'standard'],
  ["'it''s secret'", 'standard'],
  ["'secret\\'", 'standard'],
  ["E'it\\'s secret'", 'standard'],
  ["U&'secret'", 'standard'],
  ["$$secret 'secret' $1$$", 'standard'],
  ['$tag$ secret $$ secret $tag$', 'standard'],
  ['4711', 'standard'],
  ['47.11e-3', 'standard'],
  ['.4711', 'standard'],
  ['0xdeadbeef', 'standard'],
  ["x'4711'", 'standard'],
  ["'secret'", 'mysql'],
  ["'it\\'s secret'", 'mysql'],
  ['"secret"', 'mysql'],
  ['"a "" secret"', 'mysql'],
  ['"a \\" secret"', 'mysql'],
  ["_utf8'secret'", 'mysql'],
]

t.test('each literal is a question mark', async t => {
  for (const [literal, dialect] of literals)
    t.equal(
      readSql(`SELECT a FROM t1 WHERE b = ${literal} AND c = $1`, dialect).text,
      'SELECT a FROM t1 WHERE b = ? AND c = $1',
      `${dialect}: ${literal}`,
    )
})

t.test('Transact-SQL has names in brackets, and amounts of money', async t => {
  const literals = ["'secret'", "N'it''s secret'", '0xDEADBEEF', '47.11', '$47.11', '$ -4,711']
  for (const literal of literals)
    t.equal(
      readSql(`SELECT [o'brien] FROM [t 1] WHERE "b" = ${literal} AND c = @p1`, 'tsql').text,
      'SELECT [o\'brien] FROM [t 1] WHERE "b" = ? AND c = @p1',
      literal,
    )
  for (const [text, summary] of [
    ['SELECT TOP 5 * FROM [dbo].[orders] WITH (NOLOCK)', 'SELECT dbo.orders'],
    ['DELETE TOP (5) FROM orders', 'DELETE orders'],
    ['UPDATE TOP (@n) PERCENT orders SET a = 1', 'UPDATE orders'],
    ['SELECT * FROM #new JOIN [order]]s] ON 1 = 1', 'SELECT #new [order]]s]'],
    ['EXEC dbo.orders_of @id = 4711', 'EXEC dbo.orders_of'],
    ['BEGIN TRANSACTION', 'BEGIN'],
    ['MERGE INTO a USING b ON a.id = b.id', 'MERGE a'],
  ] as const)
    t.equal(readSql(text, 'tsql').summary, summary, text)
})

t.test('names, parameters and casts stay', async t => {
  for (const text of [
    'SELECT "a 1"."b" FROM t1, `u 2` WHERE c = $12 AND d::int4 = :name AND e = @v AND f = ?',
    'SELECT a[?] FROM t_1',
  ])
    t.equal(readSql(text, 'standard').text, text)
})

t.test('comments go: they may hold anything', async t => {
  const { text } = readSql(
    "SELECT 1 -- secret 'secret\n, 2 /* secret ' */ FROM t /* secret",
    'standard',
  )
  t.notMatch(text, 'secret')
  t.equal(readSql('SELECT a # secret\nFROM t', 'mysql').text, 'SELECT a  \nFROM t')
})

t.test('what is quoted as text in one dialect is a name in the other', async t => {
  const text = 'SELECT "secret" FROM t'
  t.equal(readSql(text, 'standard').text, text)
  t.equal(readSql(text, 'mysql').text, 'SELECT ? FROM t')
  t.equal(readSql(text, 'standard').text, text)
})

t.test('a literal that is cut off is still none of the text', async t => {
  for (const open of ["'", "E'", '$$', '$tag$', '/*'])
    for (const dialect of ['standard', 'mysql'] as const) {
      if (dialect === 'mysql' && open.startsWith('$')) continue
      t.notMatch(readSql(`SELECT ${open}secret`, dialect).text, 'secret', `${dialect}: ${open}`)
      const long = `SELECT ${open}${'secret '.repeat(4000)}`
      t.notMatch(readSql(long, dialect).text, 'secret', `${dialect}: ${open}, long`)
    }
  t.ok(readSql(`SELECT ${'a, '.repeat(100_000)} b FROM t`, 'standard').text.length <= 8192)
})

t.test('values between any signs never come through', async t => {
  const random = startRandom()
  t.comment(`seed ${random.seed}`)
  const parts = [
    "'secret'",
    "'x''secret'",
    '"name"',
    '`name`',
    '--\n',
    '(',
    ')',
    ',',
    ' ',
    'a',
    'FROM',
  ]
  const told: string[] = []
  for (let round = 0; round < 2000; round++) {
    const text = Array.from({ length: 12 }, () => random.pick(parts)).join('')
    for (const dialect of ['standard', 'mysql'] as const) {
      if (dialect === 'mysql' && text.includes('"')) continue
      const shown = readSql(text, dialect)
      if (/secret/.test(`${shown.text} ${shown.summary}`)) told.push(`${dialect}: ${text}`)
    }
  }
  t.strictSame(told, [])
})

// Two versions at once, what is shown of what a store is asked, and the switches.
import t from 'tap'
import { type LibraryCall, runLibrary } from '../../helpers/library-run.ts'
import { startRedis } from '../../helpers/servers/stores.ts'

async function run(
  source: string,
  calls: readonly string[],
  env: Readonly<Record<string, string>> = {},
  more: readonly string[] = [],
): Promise<readonly LibraryCall[]> {
  await using server = await startRedis(more)
  return await runLibrary({
    family: 'stores',
    source,
    form: 'ES module',
    packages: 'newest',
    calls,
    env: { SERVER_PORT: String(server.port), ...env },
  })
}

const textsOf = (calls: readonly LibraryCall[]): unknown[] =>
  calls.flatMap(({ spans }) => spans.map(({ attributes }) => attributes['db.query.text']))

t.test('the text of a command, as it is wanted', async t => {
  for (const source of ['ioredis.mjs', 'redis.mjs']) {
    const calls = source === 'redis.mjs' ? ['set', 'get'] : ['first', 'get']
    t.strictSame(textsOf(await run(source, calls)), ['SET ? ?', 'GET ?'], source)
    t.strictSame(
      textsOf(await run(source, calls, { BATON_DB_QUERY_TEXT: 'off' })),
      [undefined, undefined],
      `${source}: off`,
    )
    // node-redis publishes names, and no values.
    const value = source === 'redis.mjs' ? '?' : 'secret-value'
    t.strictSame(
      textsOf(await run(source, calls, { BATON_DB_QUERY_TEXT: 'raw' })),
      [`SET secret-key ${value}`, 'GET secret-key'],
      `${source}: raw`,
    )
  }
})

t.test('a library that is switched off has no spans', async t => {
  const off = await run('ioredis.mjs', ['first', 'multi'], {
    OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'ioredis',
  })
  t.strictSame(
    off.map(({ trees }) => trees),
    [[], []],
  )
})

t.test('two copies, subclasses and gathered commands', async t => {
  const calls = await run('versions.mjs', [
    'open',
    'both',
    'subclass',
    'gathered',
    'listened',
    'quit',
  ])
  t.strictSame(
    calls.map(({ call, trees, answer }) => [call, trees, answer]),
    [
      ['open', [['CONNECT'], ['CONNECT'], ['CONNECT']], { result: 'open' }],
      // One is hooked; the other, installed under another name, tells by its channel.
      ['both', [['GET'], ['GET']], { result: [null, null] }],
      ['subclass', [], { result: [true, 'Mine', true] }],
      ['gathered', [['PIPELINE']], { result: [null, null] }],
      ['listened', [['GET'], ['GET']], { result: ['get', 'get'] }],
      ['quit', [['QUIT'], ['QUIT'], ['QUIT']], { result: ['OK', 'OK', 'OK'] }],
    ],
  )
})

t.test('a cluster: a command is one span, with the node that it was sent to', async t => {
  const names = ['form', 'set', 'get', 'pipeline', 'wrongType']
  const [, ...calls] = await run('cluster.mjs', names, {}, [
    '--cluster-enabled',
    'yes',
    '--cluster-announce-ip',
    '127.0.0.1',
  ])
  t.match(
    calls.map(({ call, trees, answer }) => [call, trees.map(([name]) => name), answer]),
    [
      ['set', ['SET'], { result: 'OK' }],
      ['get', ['GET'], { result: '1' }],
      [
        'pipeline',
        ['PIPELINE'],
        {
          result: [
            [null, null],
            [null, null],
          ],
        },
      ],
      ['wrongType', ['LPUSH!'], { failed: 'ReplyError', message: /^WRONGTYPE/ }],
    ],
  )
  for (const { call, spans } of calls.filter(({ call }) => call !== 'pipeline')) {
    t.match(spans[0]?.attributes, { 'server.address': '127.0.0.1', 'server.port': Number }, call)
  }
})

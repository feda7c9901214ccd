// GraphQL.js 15 and 16, which are hooked, 17, which publishes, and Apollo Server above them.
import t from 'tap'
import type { SpanTree } from '../../helpers/otlp.ts'
import { eventOf, serveWeb } from '../../helpers/web-case.ts'
import { type Framework, testFramework } from '../../helpers/web-table.ts'

const ask = (body: object): Framework['rows'][number]['request'] => ({
  method: 'POST',
  path: '/graphql',
  body: JSON.stringify(body),
})
const PREPARED: readonly SpanTree[] = [['graphql.parse'], ['graphql.validate']]

const ROWS: Framework['rows'] = [
  {
    request: ask({ source: 'query Price { price(sku: "secret") }' }),
    status: 200,
    spans: ['POST', ...PREPARED, ['query Price']],
  },
  {
    request: ask({ source: '{ later }' }),
    status: 200,
    spans: ['POST', ...PREPARED, ['query', ['GET']]],
  },
  {
    request: ask({
      source: 'query A { later } mutation B { order(amount: 3) }',
      operationName: 'B',
    }),
    status: 200,
    spans: ['POST', ...PREPARED, ['mutation B']],
  },
  {
    request: ask({ source: 'query Broken { broken }' }),
    status: 200,
    spans: ['POST', ...PREPARED, ['query Broken!']],
  },
  { request: ask({ source: '{ later' }), status: 200, spans: ['POST', ['graphql.parse!']] },
  {
    request: ask({ source: '{ nothing }' }),
    status: 200,
    spans: ['POST', ['graphql.parse'], ['graphql.validate!']],
  },
]

/** It is there beside 16. */
const GRAPHQL_17 = { graphql: 'graphql-17' }

testFramework(t, 'GraphQL.js', {
  source: 'graphql.mjs',
  versions: [
    { packages: 'newest', version: '16.14', inBundles: 'nothing' },
    { packages: 'middle', version: '16.6', inBundles: 'nothing' },
    { packages: 'older', version: '15.10', inBundles: 'nothing' },
    { packages: 'newest', version: '17', inBundles: 'all', alias: GRAPHQL_17 },
  ],
  rows: ROWS,
})

testFramework(t, 'Apollo Server', {
  source: 'apollo.mjs',
  fronts: ['HTTP API'],
  versions: [
    { packages: 'newest', version: '5', inBundles: 'nothing' },
    { packages: 'middle', version: '4', inBundles: 'nothing' },
  ],
  rows: [
    {
      request: ask({ query: 'query Price($sku: String) { price(sku: $sku) }' }),
      status: 200,
      spans: ['POST', ...PREPARED, ['query Price', ['GET']]],
    },
    {
      request: ask({ query: 'query Broken { broken }' }),
      status: 200,
      spans: ['POST', ...PREPARED, ['query Broken!']],
    },
  ],
})

for (const alias of [undefined, GRAPHQL_17]) {
  t.test(
    `${alias?.graphql ?? 'graphql'}: the document is there on request, without its literals`,
    async t => {
      const body = JSON.stringify({
        // With a comment, a block, and what looks like a literal and is none.
        source: '# by Ann\nquery P { price(sku: "secret") b: price(sku: """s "e" t""") later }',
      })
      const events = [eventOf('function URL', { method: 'POST', path: '/graphql', body })]
      const web = {
        source: 'graphql.mjs',
        alias,
        form: 'ES module',
        packages: 'newest',
        events,
      } as const
      const [plain] = await serveWeb(web)
      for (const span of plain?.spans ?? []) t.notOk('graphql.document' in span.attributes)
      const [asked] = await serveWeb({ ...web, env: { BATON_GRAPHQL_DOCUMENT: 'true' } })
      const found = asked?.spans.filter(span => 'graphql.document' in span.attributes) ?? []
      t.strictSame(
        found.map(span => span.name),
        ['graphql.parse', 'graphql.validate', 'query P'],
      )
      for (const span of found) {
        t.match(span.attributes, {
          'graphql.operation.name': 'P',
          'graphql.operation.type': 'query',
          'graphql.document': 'query P { price(sku: ?) b: price(sku: ?) later }',
        })
      }
    },
  )
}

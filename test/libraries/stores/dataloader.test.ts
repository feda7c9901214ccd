// dataloader: a span for each batch.
import t from 'tap'
import { startElastic } from '../../helpers/servers/clients.ts'
import { testStore } from '../../helpers/store-table.ts'

testStore(t, {
  source: 'dataloader.mjs',
  module: 'dataloader',
  // Any server of HTTP will do.
  start: startElastic,
  isSmall: true,
  versions: [{ packages: 'newest', version: '2.', inBundles: 'as without a hook' }],
  rows: [
    { call: 'one', spans: [['dataloader.batch', ['GET']]], inBundle: [['GET']] },
    {
      call: 'batch',
      spans: [['dataloader.batch doubles', ['GET']]],
      inBundle: [['GET']],
      attributes: { 'db.operation.batch.size': 2 },
    },
    { call: 'many', spans: [['dataloader.batch', ['GET']]], inBundle: [['GET']] },
    { call: 'missing', spans: [['dataloader.batch', ['GET']]], inBundle: [['GET']] },
    { call: 'fails', spans: [['dataloader.batch!']] },
    { call: 'cached', spans: [['dataloader.batch', ['GET']]], inBundle: [['GET']] },
    { call: 'subclass', spans: [['dataloader.batch']] },
    {
      call: 'askers',
      spans: [['dataloader.batch', ['GET']], ['first', ['dataloader.batch', ['GET']]], ['second']],
      inBundle: [['GET'], ['first', ['GET']], ['second']],
    },
  ],
  check(t, calls, { form }) {
    if (form === 'minified bundle') return
    const spans = calls.find(({ call }) => call === 'askers')?.spans ?? []
    const batch = spans.findLast(({ name }) => name === 'dataloader.batch')
    t.strictSame(
      batch?.links.map(({ spanId }) => spanId),
      spans.filter(({ name }) => name === 'second').map(({ spanId }) => spanId),
      'a link to the other that asked for it',
    )
  },
})

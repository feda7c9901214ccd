// MongoDB's driver against FerretDB, which speaks MongoDB's protocol.
import t from 'tap'
import { startFerretDb } from '../helpers/servers/stores.ts'
import { testStore } from '../helpers/store-table.ts'

testStore(t, {
  source: 'mongodb.mjs',
  module: 'mongodb',
  start: startFerretDb,
  versions: [
    { packages: 'newest', version: '7.', inBundles: 'nothing' },
    { packages: 'middle', version: '6.', inBundles: 'nothing' },
    { packages: 'older', version: '5.', inBundles: 'nothing' },
  ],
  rows: [
    { call: 'clear', spans: [['dropDatabase']] },
    {
      call: 'insertOne',
      spans: [['insert orders']],
      attributes: {
        'db.system.name': 'mongodb',
        'db.namespace': 'shop',
        'db.collection.name': 'orders',
        'db.operation.name': 'insert',
        'server.address': '127.0.0.1',
        'server.port': Number,
      },
    },
    {
      call: 'insertMany',
      spans: [['insert orders']],
    },
    {
      call: 'findOne',
      spans: [['find orders']],
      attributes: { 'db.query.text': '{"customer":"?","total":{"$gt":"?"}}' },
    },
    { call: 'find', spans: [['find orders']], attributes: { 'db.query.text': '{"customer":"?"}' } },
    { call: 'cursor', spans: [['find orders'], ['getMore orders'], ['getMore orders']] },
    { call: 'updateOne', spans: [['update orders']] },
    { call: 'findOneAndUpdate', spans: [['findAndModify orders']] },
    { call: 'deleteOne', spans: [['delete orders']] },
    { call: 'count', spans: [['aggregate orders']] },
    {
      call: 'aggregate',
      spans: [['aggregate orders']],
      attributes: { 'db.query.text': '[{"$match":{"customer":"?"}},{"$count":"?"}]' },
    },
    { call: 'bulkWrite', spans: [['insert orders'], ['update orders'], ['delete orders']] },
    { call: 'command', spans: [['ping']] },
    {
      call: 'duplicate',
      spans: [['insert orders!']],
      attributes: { 'error.type': '11000', 'db.response.status_code': '11000' },
    },
    { call: 'concurrent', spans: [['find orders'], ['find orders']] },
    // 5 knows no signals; in newer ones it is over before anything is sent.
    { call: 'aborted', spans: ({ packages }) => (packages === 'older' ? [['find orders']] : []) },
    {
      call: 'unreachable',
      // What 5 was to send is known when it sends it, where classes have lost their names.
      spans: ({ packages, form }) => [
        packages === 'older' && form === 'minified bundle with the plugin'
          ? ['command orders!']
          : ['find orders!'],
      ],
      attributes: { 'error.type': 'MongoServerSelectionError' },
    },
    { call: 'unhandled', spans: [['insert orders!'], ['find orders']] },
  ],
})

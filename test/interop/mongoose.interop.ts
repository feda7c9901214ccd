// mongoose against FerretDB: by its channels since 9.8; what older ones do is seen as the driver's operations.
import t from 'tap'
import type { SpanTree } from '../helpers/otlp.ts'
import { startFerretDb } from '../helpers/servers/stores.ts'
import { testStore, type Where } from '../helpers/store-table.ts'

const either =
  (published: readonly SpanTree[], driver: readonly SpanTree[]) =>
  ({ packages }: Where): readonly SpanTree[] =>
    packages === 'newest' ? published : driver

testStore(t, {
  source: 'mongoose.mjs',
  module: 'mongoose',
  start: startFerretDb,
  versions: [
    { packages: 'newest', version: '9.', inBundles: 'channels' },
    { packages: 'middle', version: '8.', inBundles: 'nothing' },
  ],
  rows: [
    {
      call: 'clear',
      spans: either(
        [['deleteMany members'], ['deleteMany teams']],
        [['delete members'], ['delete teams']],
      ),
    },
    {
      call: 'save',
      // A hook of the function's own asks the driver for something else.
      spans: either([['save members', ['insert audit']]], [['insert members'], ['insert audit']]),
      inBundle: [['save members']],
      attributes: {
        'db.system.name': 'mongodb',
        'db.namespace': 'club',
        'db.collection.name': 'members',
        'server.address': '127.0.0.1',
        'server.port': Number,
      },
    },
    { call: 'create', spans: either([['save teams']], [['insert teams']]) },
    {
      call: 'insertMany',
      spans: either([['insertMany members']], [['insert members']]),
      attributes: { 'db.operation.batch.size': 2 },
    },
    {
      call: 'find',
      spans: [['find members']],
      attributes: { 'db.query.text': '{"name":"?"}' },
    },
    {
      call: 'populate',
      spans: either([['findOne members', ['find teams']]], [['find members'], ['find teams']]),
    },
    {
      call: 'findByIdAndUpdate',
      spans: either([['findOneAndUpdate members']], [['findAndModify members']]),
    },
    { call: 'aggregate', spans: [['aggregate members']] },
    { call: 'cursor', spans: [['find members'], ['getMore members']], inBundle: [] },
    { call: 'bulkWrite', spans: either([['bulkWrite members']], [['update members']]) },
    { call: 'invalid', spans: either([['save members!']], []) },
    {
      call: 'duplicate',
      spans: either([['save members!']], [['insert members!']]),
      attributes: { 'error.type': '11000' },
    },
    {
      call: 'concurrent',
      spans: either(
        [['findOne members'], ['findOne members']],
        [['find members'], ['find members']],
      ),
    },
  ],
})

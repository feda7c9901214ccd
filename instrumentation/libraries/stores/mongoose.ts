// mongoose since 9.8 publishes what its models do. What it asks of the driver for that, on the same collection, is part of it.
// Its cursors are seen as the driver's operations: they tell of each document.

import type { ChannelListener, LibraryTools } from '../contract.ts'
import { fieldsOf } from '../fields.ts'
import { listenToCalls } from '../traced-call.ts'
import { filterText, MONGODB, readMongoFailure } from './mongo-call.ts'
import { closeStoreCall, openStoreCall } from './store-call.ts'

interface Message {
  readonly operation?: unknown
  readonly collection?: unknown
  readonly database?: unknown
  readonly serverAddress?: unknown
  readonly serverPort?: unknown
  readonly args?: unknown
}

const CHANNELS = ['query', 'aggregate', 'model:save', 'model:insertMany', 'model:bulkWrite']

export const createMongooseListeners = (
  tools: LibraryTools,
): Readonly<Record<string, () => ChannelListener>> =>
  Object.fromEntries(
    CHANNELS.map(name => [`mongoose:${name}`, () => listenTo(tools, `mongoose:${name}`)]),
  )

function listenTo(tools: LibraryTools, channel: string): ChannelListener {
  return listenToCalls<Message>(tools, {
    channel,
    open(message) {
      if (tools.tracer.active() === undefined) return undefined
      const { operation, collection, database, serverAddress, serverPort } = message
      const { filter, pipeline, docs, ops } = fieldsOf(message.args)
      const list = docs ?? ops
      return openStoreCall(tools, {
        system: MONGODB,
        operation: String(operation),
        collection: typeof collection === 'string' ? collection : undefined,
        namespace: typeof database === 'string' ? database : undefined,
        address: typeof serverAddress === 'string' ? serverAddress : undefined,
        port: typeof serverPort === 'number' ? serverPort : undefined,
        text: filterText(tools, filter ?? pipeline),
        batchSize: Array.isArray(list) ? list.length : undefined,
      })
    },
    close: (call, { error }) => closeStoreCall(tools, call, error, readMongoFailure),
  })
}

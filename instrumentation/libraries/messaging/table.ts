// Libraries for messaging, as the documents list them.
import type { Library } from '../table.ts'

const NOTHING = 'nothing'

export const MESSAGING_LIBRARIES: readonly Library[] = [
  {
    name: 'amqplib',
    modules: '`amqplib`',
    versions: '0.10 to 2',
    how: ['hook'],
    inBundles: NOTHING,
    spans: '`publish orders`, `process invoices`, `get invoices`',
  },
  {
    name: 'kafkajs',
    modules: '`kafkajs`',
    versions: '2',
    how: ['hook'],
    inBundles: NOTHING,
    spans: '`send payments`, `process payments`',
  },
  {
    name: 'bullmq',
    modules: '`bullmq`',
    versions: '5, 6',
    how: ['hook'],
    inBundles: 'its commands to Redis',
    spans: '`add mails`, `addBulk mails`, `addFlow mails`, `process mails`',
  },
  {
    name: 'nats',
    modules: '`nats`, `@nats-io/nats-core`',
    versions: '2, 3',
    how: ['hook'],
    inBundles: NOTHING,
    spans: '`publish orders.paid`, `request stock.get`, `process orders.*`',
  },
]

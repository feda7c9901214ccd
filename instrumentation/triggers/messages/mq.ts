// Amazon MQ: RabbitMQ, with records by queue, and ActiveMQ, with JMS properties.
// https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html

import { mapCarriers, type NamedCarrier } from '../../propagation/carrier.ts'
import { ATTR_MESSAGING_MESSAGE_ID } from '../../semconv.ts'
import { ATTR_PARTIAL, describeBatch, mapRecords, messagingOf, processName } from '../batch.ts'
import { fieldsOf, listOf, nameOf } from '../fields.ts'
import { numberOf } from '../hop.ts'
import { newBudget } from '../json.ts'
import type { BatchRecord, TriggerSource } from '../trigger.ts'
import { bytesReader } from './bytes.ts'
import { messageHop } from './hops.ts'
import { listsIn } from './lists.ts'

export const rabbitMq: TriggerSource = {
  name: 'rabbitmq',
  detect: event => event.eventSource === 'aws:rmq',
  describe: (event, given) => {
    const key = 'rmqMessagesByQueue'
    const { lists, count, name, isCut } = listsIn(event[key], key, given)
    // `orders::/` is the queue `orders` of the virtual host `/`.
    const queue = nameOf(name?.split('::', 1)[0])
    const read = bytesReader(newBudget())
    return describeBatch({
      source: rabbitMq.name,
      faasTrigger: 'pubsub',
      spanName: processName(queue),
      attributes: messagingOf('rabbitmq', queue),
      ownAttributes: { [ATTR_PARTIAL]: isCut || undefined },
      lists,
      count,
      records: mapRecords(lists, record => {
        const { headers, messageId } = fieldsOf(fieldsOf(record).basicProperties)
        return readRecord(record, nameOf(messageId), () =>
          mapCarriers('rabbitmq.headers', headers, read),
        )
      }),
    })
  },
}

export const activeMq: TriggerSource = {
  name: 'activemq',
  detect: event => event.eventSource === 'aws:mq',
  describe: event => {
    const list = listOf(event.messages)
    const { destination } = fieldsOf(list[0])
    const queue = nameOf(fieldsOf(destination).physicalName)
    return describeBatch({
      source: activeMq.name,
      faasTrigger: 'pubsub',
      spanName: processName(queue),
      attributes: messagingOf('activemq', queue),
      lists: [list],
      records: mapRecords([list], record => {
        const { messageID, properties, timestamp } = fieldsOf(record)
        return {
          ...readRecord(record, nameOf(messageID), () =>
            mapCarriers('activemq.properties', properties),
          ),
          hops: () => [
            messageHop({
              system: 'activemq',
              what: 'queue',
              destination: queue,
              startMs: numberOf(timestamp),
              endMs: 'start',
            }),
          ],
        }
      }),
    })
  },
}

const readRecord = (
  value: unknown,
  id: string | undefined,
  carriers: () => readonly NamedCarrier[],
): BatchRecord => ({ value, id, carriers, describe: () => ({ [ATTR_MESSAGING_MESSAGE_ID]: id }) })

// What Lambda hands to the function behind a topic, read from the topic by kafkajs.
import { randomUUID } from 'node:crypto'
import { type IHeaders, Kafka, type KafkaMessage, logLevel } from 'kafkajs'

export type KafkaSource = 'aws:kafka' | 'SelfManagedKafka'

export interface KafkaTopic {
  readonly broker: string
  readonly topic: string
}

/** What of an event tests look at. */
export interface KafkaEvent {
  readonly [field: string]: unknown
  readonly records: Readonly<Record<string, readonly KafkaRecord[]>>
}

interface KafkaRecord {
  readonly headers: readonly object[]
  readonly [field: string]: unknown
}

/** Resolves with the event of a batch, from the topic's beginning, once there are so many records. */
export async function pollKafka(
  { broker, topic }: KafkaTopic,
  count: number,
  eventSource: KafkaSource,
): Promise<KafkaEvent> {
  const kafka = new Kafka({ brokers: [broker], logLevel: logLevel.ERROR })
  const consumer = kafka.consumer({ groupId: randomUUID() })
  const records: KafkaRecord[] = []
  try {
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await new Promise<void>((resolve, reject) => {
      consumer
        .run({
          eachMessage: async ({ partition, message }) => {
            records.push(toRecord(topic, partition, message))
            if (records.length === count) resolve()
          },
        })
        .catch(reject)
    })
  } finally {
    await consumer.disconnect()
  }
  return {
    eventSource,
    ...(eventSource === 'aws:kafka' && {
      eventSourceArn: 'arn:aws:kafka:us-east-1:123456789012:cluster/shop/vpc-2priv-2pub/a-b-c',
    }),
    bootstrapServers: broker,
    records: { [`${topic}-0`]: records },
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html: headers as bytes, each a number. */
const toRecord = (topic: string, partition: number, message: KafkaMessage): KafkaRecord => ({
  topic,
  partition,
  offset: Number(message.offset),
  timestamp: Number(message.timestamp),
  timestampType: 'CREATE_TIME',
  key: message.key?.toString('base64'),
  value: message.value?.toString('base64'),
  headers: Object.entries(message.headers ?? {}).flatMap(([name, value]) => headersOf(name, value)),
})

const headersOf = (name: string, value: IHeaders[string]): object[] =>
  [value].flat().flatMap(each => (each === undefined ? [] : [{ [name]: [...Buffer.from(each)] }]))

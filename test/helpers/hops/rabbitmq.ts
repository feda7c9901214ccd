// What Lambda hands to the function behind a queue of Amazon MQ for RabbitMQ, read from the queue by amqplib.
import { createRequire } from 'node:module'
import { join } from 'node:path'

interface Message {
  readonly content: Buffer
  readonly fields: { readonly redelivered: boolean }
  readonly properties: { readonly headers: Readonly<Record<string, string>> }
}

interface Channel {
  get(queue: string, options: { readonly noAck: boolean }): Promise<Message | false>
}

interface Amqplib {
  connect(url: string): Promise<{ createChannel(): Promise<Channel>; close(): Promise<void> }>
}

/** Resolves with the event of the queue's first message. `packages` is a folder that has amqplib. */
export async function pollRabbitMq(
  packages: string,
  port: number,
  queue: string,
): Promise<RabbitMqEvent> {
  const { connect } = createRequire(join(packages, 'index.js'))('amqplib') as Amqplib
  const connection = await connect(`amqp://127.0.0.1:${port}`)
  try {
    const message = await (await connection.createChannel()).get(queue, { noAck: true })
    if (message === false) throw new Error(`${queue}: expected a message, it has none`)
    return {
      eventSource: 'aws:rmq',
      eventSourceArn: 'arn:aws:mq:us-east-1:123456789012:broker:shop:b-9bcfa592',
      rmqMessagesByQueue: { [`${queue}::/`]: [toMessage(message)] },
    }
  } finally {
    await connection.close()
  }
}

export interface RabbitMqEvent {
  readonly [field: string]: unknown
  readonly rmqMessagesByQueue: Readonly<Record<string, readonly RabbitMqMessage[]>>
}

interface RabbitMqMessage {
  readonly basicProperties: { readonly headers: Readonly<Record<string, unknown>> }
  readonly redelivered: boolean
  readonly data: string
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html: texts as bytes, each a number. */
const toMessage = ({ content, fields, properties }: Message): RabbitMqMessage => ({
  basicProperties: {
    headers: Object.fromEntries(
      Object.entries(properties.headers).map(([name, value]) => [
        name,
        { bytes: [...Buffer.from(value)] },
      ]),
    ),
  },
  redelivered: fields.redelivered,
  data: content.toString('base64'),
})

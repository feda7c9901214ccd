// A -> RabbitMQ -> B. A uses amqplib and knows nothing of traces; what B gets is what a consumer reads from the broker.
import t from 'tap'
import { pollRabbitMq } from '../helpers/hops/rabbitmq.ts'
import { expectPath, ORDER_EVENT, startRelay } from '../helpers/hops/relay.ts'
import { installPackages } from '../helpers/library-forms.ts'
import { startRabbitMq } from '../helpers/servers/brokers.ts'

const A = `
  const { connect } = require(process.env.PACKAGES + '/amqplib')
  const opened = connect(process.env.BROKER).then(async connection => {
    const channel = await connection.createConfirmChannel()
    await channel.assertQueue('orders', { durable: false })
    return channel
  })
  exports.handler = async () => {
    const channel = await opened
    const options = { headers: { tenant: 'a' } }
    await new Promise(resolve => channel.sendToQueue('orders', Buffer.from('paid'), options, resolve))
  }
`

t.test('B is below the span that published', async t => {
  await using broker = await startRabbitMq()
  const packages = await installPackages('messaging', 'newest')
  const env = { BROKER: `amqp://127.0.0.1:${broker.port}`, PACKAGES: packages }
  await using relay = await startRelay({ a: A, env })
  await relay.invoke('a', ORDER_EVENT)
  const event = await pollRabbitMq(packages, broker.port, 'orders')
  const [message] = event.rmqMessagesByQueue['orders::/'] ?? []
  t.strictSame(Object.keys(message?.basicProperties.headers ?? {}), ['tenant', 'traceparent'])
  await relay.invoke('b', event)
  const spans = await relay.spans(1, 1)
  expectPath(t, spans, ['a POST /orders', 'a publish orders', 'b process orders'])
})

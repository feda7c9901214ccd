// A -> SNS -> B, which fails -> a queue -> B again: by a destination and by a dead-letter queue of Lambda's. What came of it is told by
// a link: the work that A asked for is over.
import { SendMessageCommand } from '@aws-sdk/client-sqs'
import t, { type Test } from 'tap'
import { type Queues, startQueues } from '../helpers/hops/queues.ts'
import { expectPath, idOf, ORDER_EVENT, type Relay, startRelay } from '../helpers/hops/relay.ts'
import { toSnsEvent } from '../helpers/hops/sns-event.ts'

const A = `
  const { SNSClient, PublishCommand } = require('@aws-sdk/client-sns')
  const client = new SNSClient({ endpoint: process.env.SNS_URL })
  exports.handler = () => client.send(new PublishCommand({ TopicArn: 'arn:aws:sns:us-east-1:000000000000:news', Message: 'x' }))
`
const B = `
  exports.handler = async event => {
    if (event.Records[0].Sns) throw new TypeError('no')
  }
`
const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:123456789012:function:b:$LATEST'

/** B has failed on the notification; resolves with its event. */
async function failOnce(t: Test, queues: Queues, relay: Relay): Promise<object> {
  queues.fauxqs.createTopic('news')
  for (const queue of ['copy', 'failed']) queues.fauxqs.createQueue(queue)
  queues.fauxqs.subscribe({ topic: 'news', queue: 'copy' })
  await relay.invoke('a', ORDER_EVENT)
  const event = toSnsEvent(await queues.poll('copy', 1))
  await t.rejects(relay.invoke('b', event), /TypeError/)
  return event
}

async function expectLink(t: Test, queues: Queues, relay: Relay): Promise<void> {
  await relay.invoke('b', await queues.poll('failed', 1))
  const spans = await relay.spans(1, 2)
  expectPath(t, spans, ['a POST /orders', 'a SNS.Publish', 'b topic news', 'b process news'])
  const [failed, handled] = spans.invocations('b')
  t.equal(failed?.status.code, 'ERROR')
  t.not(handled?.traceId, failed?.traceId)
  t.ok(handled?.links.map(idOf).includes(idOf(spans.one('SNS.Publish'))), 'linked to the call')
}

t.test('a destination: the record of the failed invocation', async t => {
  await using queues = await startQueues()
  await using relay = await startRelay({ a: A, b: B, env: queues.env })
  const event = await failOnce(t, queues, relay)
  /** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
  const record = {
    version: '1.0',
    timestamp: new Date().toISOString(),
    requestContext: {
      requestId: 'e4b46cbf-b738-xmpl-8880-a18cdf61200e',
      functionArn: FUNCTION_ARN,
      condition: 'RetriesExhausted',
      approximateInvokeCount: 3,
    },
    requestPayload: event,
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: { errorType: 'TypeError', errorMessage: 'no' },
  }
  const body = { QueueUrl: queues.queueUrl('failed'), MessageBody: JSON.stringify(record) }
  await queues.sqs.send(new SendMessageCommand(body))
  await expectLink(t, queues, relay)
})

t.test('a dead-letter queue: the event itself, with the error in attributes', async t => {
  await using queues = await startQueues()
  await using relay = await startRelay({ a: A, b: B, env: queues.env })
  const event = await failOnce(t, queues, relay)
  const text = (StringValue: string, DataType = 'String') => ({ DataType, StringValue })
  await queues.sqs.send(
    new SendMessageCommand({
      QueueUrl: queues.queueUrl('failed'),
      MessageBody: JSON.stringify(event),
      /** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq */
      MessageAttributes: {
        RequestID: text('e4b46cbf-b738-xmpl-8880-a18cdf61200e'),
        ErrorCode: text('200', 'Number'),
        ErrorMessage: text('no'),
      },
    }),
  )
  await expectLink(t, queues, relay)
})

// Context on its way out by AWS's services: what a queue, a topic or a function really gets, by AWS SDK v3 of two layouts and by v2,
// and that the user's own commands stay what they are.
import t from 'tap'
import { filesOf, runCalls } from '../helpers/aws-calls.ts'
import { type AwsServers, startAwsServers } from '../helpers/aws-servers.ts'
import { startFunction } from '../helpers/function.ts'
import { type CollectedSpan, expectTree, startCollector } from '../helpers/otlp.ts'

const EVENT = {
  version: '2.0',
  routeKey: 'POST /orders',
  rawPath: '/orders',
  headers: {
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    tracestate: 'up=1',
    baggage: 'tenant=acme',
  },
  requestContext: { domainName: 'api.example.com', http: { method: 'POST', path: '/orders' } },
}

interface Outcome {
  readonly answer: unknown
  readonly spans: readonly CollectedSpan[]
  /** Attributes of the queue's messages, in order. */
  readonly messages: readonly Record<string, unknown>[]
}

async function run(
  aws: AwsServers,
  code: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  await using collector = await startCollector()
  await using fn = await startFunction({
    hasPackages: true,
    files: { 'index.cjs': code },
    events: [EVENT],
    env: { ...aws.env, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env },
  })
  await fn.answered(1)
  const spans = await collector.waitForSpans(all => all.some(span => span.kind === 'SERVER'))
  t.equal(fn.stderr(), '')
  const ready = aws.fauxqs.inspectQueue('orders')?.messages.ready ?? []
  const messages = ready.map(message => ({
    body: message.body,
    ...Object.fromEntries(
      Object.entries(message.messageAttributes ?? {}).map(([name, each]) => [
        name,
        each.StringValue,
      ]),
    ),
  }))
  return { answer: JSON.parse(fn.api.posts[0]?.body ?? 'null'), spans, messages }
}

const sender = ({ spans }: Outcome, name: string): string => {
  const span = spans.find(each => each.name === name)
  return `00-${span?.traceId}-${span?.spanId}-01`
}

const V3 = (name: string) => `
  const { SQSClient, SendMessageCommand, SendMessageBatchCommand } = require('${name}')
  const client = new SQSClient({ endpoint: process.env.FAUXQS_URL, useQueueUrlAsEndpoint: false })
  const attributes = { mine: { DataType: 'String', StringValue: 'kept' } }
  const command = new SendMessageCommand({ QueueUrl: process.env.QUEUE_URL, MessageBody: 'one', MessageAttributes: attributes })
  exports.handler = async () => {
    await client.send(command)
    await client.send(new SendMessageBatchCommand({ QueueUrl: process.env.QUEUE_URL, Entries: [{ Id: 'a', MessageBody: 'two' }, { Id: 'b', MessageBody: 'three' }] }))
    return [command.input.MessageAttributes === attributes, attributes]
  }`
const V2 = `
  const AWS = require('aws-sdk')
  const client = new AWS.SQS({ endpoint: process.env.FAUXQS_URL, region: 'us-east-1' })
  const attributes = { mine: { DataType: 'String', StringValue: 'kept' } }
  const parameters = { QueueUrl: process.env.FAUXQS_URL + '/000000000000/orders', MessageBody: 'one', MessageAttributes: attributes }
  exports.handler = async () => {
    await client.sendMessage(parameters).promise()
    await new Promise((resolve, reject) => client.sendMessageBatch({ QueueUrl: parameters.QueueUrl, Entries: [{ Id: 'a', MessageBody: 'two' }, { Id: 'b', MessageBody: 'three' }] }, error => error ? reject(error) : resolve()))
    return [parameters.MessageAttributes === attributes, attributes]
  }`

for (const [sdk, code] of [
  ['v3', V3('@aws-sdk/client-sqs')],
  ['v3 of 2025, with smithy in its old place', V3('client-sqs-3-888')],
  ['v2', V2],
] as const) {
  t.test(`SQS by ${sdk}: every message names the call that sent it`, async t => {
    await using aws = await startAwsServers()
    const outcome = await run(aws, code)
    t.strictSame(
      outcome.answer,
      [true, { mine: { DataType: 'String', StringValue: 'kept' } }],
      "the user's objects stay as they were",
    )
    t.strictSame(
      outcome.spans.map(span => [span.name, span.kind]),
      [
        ['SQS.SendMessage', 'PRODUCER'],
        ['SQS.SendMessageBatch', 'PRODUCER'],
        ['POST /orders', 'SERVER'],
      ],
    )
    const context = { tracestate: 'up=1', baggage: 'tenant=acme' }
    const batch = { ...context, traceparent: sender(outcome, 'SQS.SendMessageBatch') }
    t.match(outcome.messages, [
      { body: 'one', mine: 'kept', ...context, traceparent: sender(outcome, 'SQS.SendMessage') },
      { body: 'two', ...batch },
      { body: 'three', ...batch },
    ])
    t.match(outcome.spans[0]?.attributes, {
      'rpc.method': 'SendMessage',
      'cloud.region': 'us-east-1',
      'messaging.destination.name': 'orders',
      'messaging.message.id': /./,
      'http.response.status_code': 200,
      'aws.request_id': /./,
    })
  })
}

t.test('SNS: what is published reaches the queue behind the topic with its context', async t => {
  await using aws = await startAwsServers()
  const outcome = await run(
    aws,
    `const { SNSClient, PublishCommand } = require('@aws-sdk/client-sns')
    const client = new SNSClient({ endpoint: process.env.FAUXQS_URL })
    exports.handler = () => client.send(new PublishCommand({ TopicArn: process.env.TOPIC_ARN, Message: 'news' }))`,
  )
  const { MessageAttributes } = JSON.parse(String(outcome.messages[0]?.body))
  t.match(MessageAttributes, {
    traceparent: { Type: 'String', Value: sender(outcome, 'SNS.Publish') },
    tracestate: { Value: 'up=1' },
    baggage: { Value: 'tenant=acme' },
  })
})

t.test('BATON_INJECT=headers leaves messages alone, none leaves headers alone as well', async t => {
  await using aws = await startAwsServers()
  const headers = await run(aws, V3('@aws-sdk/client-sqs'), { BATON_INJECT: 'headers' })
  t.strictSame(
    headers.messages.map(({ traceparent, tracestate, baggage }) => [
      traceparent,
      tracestate,
      baggage,
    ]),
    Array(3).fill([undefined, undefined, undefined]),
  )
  const invoke = `
    const { LambdaClient, InvokeCommand } = require('@aws-sdk/client-lambda')
    const client = new LambdaClient({ endpoint: process.env.HTTP1_URL })
    exports.handler = async () => {
      await client.send(new InvokeCommand({ FunctionName: 'f', Payload: '{}' }))
      await (await fetch(process.env.HTTP1_URL + '/plain')).text()
    }`
  await run(aws, invoke, { BATON_INJECT: 'headers' })
  t.match(aws.requests.at(-2)?.headers, { traceparent: /^00-/ })
  t.equal(aws.requests.at(-2)?.headers['x-amz-client-context'], undefined)
  t.match(aws.requests.at(-1)?.headers, { traceparent: /^00-/ })
  await run(aws, invoke, { BATON_INJECT: 'none' })
  for (const { headers } of aws.requests.slice(-2)) {
    t.equal(headers.traceparent, undefined)
    t.equal(headers.baggage, undefined)
  }
})

t.test("Lambda: client context beside the user's own", async t => {
  await using aws = await startAwsServers()
  const outcome = await run(
    aws,
    `const { LambdaClient, InvokeCommand } = require('@aws-sdk/client-lambda')
    const client = new LambdaClient({ endpoint: process.env.HTTP1_URL })
    const own = Buffer.from(JSON.stringify({ client: { app: 'shop' }, custom: { mine: 'kept' } })).toString('base64')
    exports.handler = () => client.send(new InvokeCommand({ FunctionName: 'f', Payload: '{}', ClientContext: own }))`,
  )
  const [request] = aws.requests
  const context = JSON.parse(
    Buffer.from(String(request?.headers['x-amz-client-context']), 'base64').toString(),
  )
  t.strictSame(context, {
    client: { app: 'shop' },
    custom: {
      mine: 'kept',
      traceparent: sender(outcome, 'Lambda.Invoke'),
      tracestate: 'up=1',
      baggage: 'tenant=acme',
    },
  })
})

t.test('Lambda: the function that is invoked goes on with the trace, below the call', async t => {
  await using aws = await startAwsServers()
  const outcome = await run(
    aws,
    `const { LambdaClient, InvokeCommand } = require('@aws-sdk/client-lambda')
    const client = new LambdaClient({ endpoint: process.env.HTTP1_URL })
    exports.handler = () => client.send(new InvokeCommand({ FunctionName: 'f', Payload: '{}' }))`,
  )
  const sent = String(aws.requests[0]?.headers['x-amz-client-context'])
  await using collector = await startCollector()
  await using callee = await startFunction({
    files: { 'index.js': 'exports.handler = async () => 1' },
    events: [
      {
        body: '{}',
        headers: { 'Lambda-Runtime-Client-Context': Buffer.from(sent, 'base64').toString() },
      },
    ],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  })
  await callee.answered(1)
  const [span] = await collector.waitForSpans(1)
  const call = outcome.spans.find(each => each.name === 'Lambda.Invoke')
  t.match(span, { traceId: call?.traceId, parentSpanId: call?.spanId, traceState: 'up=1' })
})

t.test('payloads are left alone unless they are asked for', async t => {
  await using aws = await startAwsServers()
  const files = await filesOf('CommonJS')
  const calls = ['putEvents', 'startExecution', 'putRecords']
  await runCalls(files, calls, aws, { IS_HTTP1: 'yes' })
  for (const { body, headers } of aws.requests) {
    t.notMatch(body, 'traceparent')
    t.notMatch(
      Buffer.from(JSON.parse(body).Records?.[0].Data ?? '', 'base64').toString(),
      'traceparent',
    )
    t.match(headers['x-amzn-trace-id'], /Parent=/, 'X-Ray takes the context there by itself')
  }
  const before = aws.requests.length
  const run = await runCalls(files, calls, aws, { IS_HTTP1: 'yes', BATON_INJECT: 'payloads' })
  const [events, execution, records] = aws.requests
    .slice(before)
    .map(({ body }) => JSON.parse(body))
  const contextOf = (call: string): string => {
    const [span] = run.spans.get(call) ?? []
    return `00-${span?.traceId}-${span?.spanId}-01`
  }
  t.match(JSON.parse(events.Entries[0].Detail), { id: 1, traceparent: contextOf('putEvents') })
  t.match(JSON.parse(execution.input), { id: 1, traceparent: contextOf('startExecution') })
  const data = records.Records.map((each: { Data: string }) =>
    Buffer.from(each.Data, 'base64').toString(),
  )
  t.match(JSON.parse(data[0]), { id: 1, traceparent: contextOf('putRecords') })
  t.equal(data[1], 'no JSON')
})

t.test(
  'what the listeners of a streamed object start is no part of the call that brought it',
  async t => {
    await using aws = await startAwsServers()
    const outcome = await run(
      aws,
      `const { S3Client, PutObjectCommand, GetObjectCommand } = require('@aws-sdk/client-s3')
    const client = new S3Client({ endpoint: process.env.FAUXQS_URL, forcePathStyle: true })
    exports.handler = async () => {
      await client.send(new PutObjectCommand({ Bucket: 'photos', Key: 'a', Body: 'x' }))
      const { Body } = await client.send(new GetObjectCommand({ Bucket: 'photos', Key: 'a' }))
      return new Promise(resolve => {
        Body.on('data', () => {})
        Body.on('end', () => fetch(process.env.HTTP1_URL).then(r => r.text()).then(() => resolve('done')))
      })
    }`,
    )
    t.equal(outcome.answer, 'done')
    expectTree(t, outcome.spans, ['POST /orders', ['S3.PutObject'], ['S3.GetObject'], ['GET']])
  },
)

t.test('v2: callbacks and streams, errors, presigned URLs', async t => {
  await using aws = await startAwsServers()
  const outcome = await run(
    aws,
    `const AWS = require('aws-sdk')
    const s3 = new AWS.S3({ endpoint: process.env.FAUXQS_URL, s3ForcePathStyle: true, region: 'us-east-1' })
    exports.handler = async () => {
      await s3.putObject({ Bucket: 'photos', Key: 'a', Body: 'x' }).promise()
      const stream = s3.getObject({ Bucket: 'photos', Key: 'a' }).createReadStream()
      const chunks = []
      for await (const chunk of stream) chunks.push(chunk)
      const url = s3.getSignedUrl('getObject', { Bucket: 'photos', Key: 'a' })
      const code = await new Promise(resolve => s3.getObject({ Bucket: 'photos', Key: 'none' }, error => fetch(url).then(r => r.text()).then(() => resolve(error.code))))
      return [Buffer.concat(chunks).toString(), code]
    }`,
  )
  t.strictSame(outcome.answer, ['x', 'NoSuchKey'])
  const root = outcome.spans.find(span => span.kind === 'SERVER')
  t.strictSame(
    outcome.spans
      .filter(span => span !== root)
      .map(span => [span.name, span.status.code, span.parentSpanId === root?.spanId]),
    [
      ['S3.PutObject', 'UNSET', true],
      ['S3.GetObject', 'UNSET', true],
      ['S3.GetObject', 'ERROR', true],
      ['GET', 'UNSET', true],
    ],
  )
  t.match(outcome.spans[0]?.attributes, {
    'aws.s3.bucket': 'photos',
    'aws.s3.key': 'a',
    'baton.pointer': /^[0-9a-f]+$/,
  })
  t.match(outcome.spans[2]?.attributes, { 'error.type': 'NoSuchKey' })
})

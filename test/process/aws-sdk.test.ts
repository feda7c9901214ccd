// AWS SDK v3 in a function deployed as CommonJS, as an ES module, and bundled with the plugin or without: one span for each call, from hooks or from the
// wire, and the two alike but for what docs/libraries.md says.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  type CallsRun,
  FORMS,
  type Form,
  filesOf,
  isHooked,
  runCalls,
} from '../helpers/aws-calls.ts'
import { startAwsServers } from '../helpers/aws-servers.ts'
import type { CollectedSpan } from '../helpers/otlp.ts'

/** Call, name and kind of its span, what the function got. */
const CALLS: readonly (readonly [call: string, name: string, kind: string, answer: string])[] = [
  ['createTable', 'DynamoDB.CreateTable', 'CLIENT', 'ok'],
  ['putItem', 'DynamoDB.PutItem', 'CLIENT', 'ok'],
  ['getItem', 'DynamoDB.GetItem', 'CLIENT', 'ok'],
  ['updateItem', 'DynamoDB.UpdateItem', 'CLIENT', 'ok'],
  ['scan', 'DynamoDB.Scan', 'CLIENT', 'ok'],
  ['batchGet', 'DynamoDB.BatchGetItem', 'CLIENT', 'ok'],
  ['documentGet', 'DynamoDB.GetItem', 'CLIENT', 'ok'],
  ['documentUpdate', 'DynamoDB.UpdateItem', 'CLIENT', 'ok'],
  ['noTable', 'DynamoDB.GetItem', 'CLIENT', 'ResourceNotFoundException'],
  ['putObject', 'S3.PutObject', 'CLIENT', 'ok'],
  ['getObject', 'S3.GetObject', 'CLIENT', 'ok'],
  ['headObject', 'S3.HeadObject', 'CLIENT', 'ok'],
  ['copyObject', 'S3.CopyObject', 'CLIENT', 'ok'],
  ['listObjects', 'S3.ListObjectsV2', 'CLIENT', 'ok'],
  ['noObject', 'S3.GetObject', 'CLIENT', 'NoSuchKey'],
  ['sendMessage', 'SQS.SendMessage', 'PRODUCER', 'ok'],
  ['sendBatch', 'SQS.SendMessageBatch', 'PRODUCER', 'ok'],
  ['receive', 'SQS.ReceiveMessage', 'CLIENT', 'ok'],
  ['publish', 'SNS.Publish', 'PRODUCER', 'ok'],
  ['publishBatch', 'SNS.PublishBatch', 'PRODUCER', 'ok'],
  ['invoke', 'Lambda.Invoke', 'CLIENT', 'ok'],
  ['noFunction', 'Lambda.Invoke', 'CLIENT', 'ResourceNotFoundException'],
  ['putEvents', 'EventBridge.PutEvents', 'PRODUCER', 'ok'],
  ['startExecution', 'SFN.StartExecution', 'CLIENT', 'ok'],
  ['getSecret', 'Secrets Manager.GetSecretValue', 'CLIENT', 'ok'],
  ['putRecord', 'Kinesis.PutRecord', 'PRODUCER', 'ok'],
  ['putRecords', 'Kinesis.PutRecords', 'PRODUCER', 'ok'],
  ['converse', 'Bedrock Runtime.Converse', 'CLIENT', 'ok'],
  ['invokeModel', 'Bedrock Runtime.InvokeModel', 'CLIENT', 'ok'],
]
const NAMES = CALLS.map(([call]) => call)
const LIBRARIES = readFileSync(
  join(import.meta.dirname, '..', '..', 'docs', 'libraries.md'),
  'utf8',
)

/** Attributes of the table under "What only the hook knows". */
const HOOK_ONLY = new Set(
  [...LIBRARIES.matchAll(/^\| `([a-z_.]+)` +\| .* \| hook +\|$/gm)].map(([, name = '']) => name),
)

const runs = new Map<Form, CallsRun>()

for (const form of FORMS) {
  t.test(`${form}: every call has one span, named by service and operation`, async t => {
    await using aws = await startAwsServers()
    const run = await runCalls(await filesOf(form), NAMES, aws)
    runs.set(form, run)
    t.strictSame(
      run.answers,
      CALLS.map(([, , , answer]) => answer),
    )
    t.strictSame(
      NAMES.map(call => (run.spans.get(call) ?? []).map(span => [call, span.name, span.kind])),
      CALLS.map(([call, name, kind]) =>
        // Of the query protocol the wire shows the service alone.
        !isHooked(form) && name.startsWith('SNS.')
          ? [[call, 'SNS', 'CLIENT']]
          : [[call, name, kind]],
      ),
    )
    for (const [call, , , answer] of CALLS) {
      const [span] = run.spans.get(call) ?? []
      t.equal(span?.status.code, answer === 'ok' ? 'UNSET' : 'ERROR', call)
      t.match(span?.attributes, { 'rpc.system.name': 'aws-api', 'cloud.region': 'us-east-1' })
      t.ok(span?.attributes['aws.request_id'], `${call}: a request id`)
    }
  })
}

t.test('hook and wire give the same spans, but for what the documents say', async t => {
  t.ok(HOOK_ONLY.size > 10)
  const missing = new Set<string>()
  for (const form of FORMS) {
    for (const call of NAMES) {
      const hooked = comparable(runs.get('ES module')?.spans.get(call)?.[0])
      const other = comparable(runs.get(form)?.spans.get(call)?.[0])
      const expected = isHooked(form) ? hooked : lessOnTheWire(call, hooked, other, missing)
      t.strictSame(other, expected, `${form}: ${call}`)
    }
  }
  const all = NAMES.flatMap(call =>
    Object.keys(runs.get('ES module')?.spans.get(call)?.[0]?.attributes ?? {}),
  )
  t.strictSame(
    [...HOOK_ONLY].filter(name => all.includes(name) && !missing.has(name)),
    [],
    'nothing stands in the table that the wire shows of every call',
  )
})

type Comparable = Record<string, unknown>

/** What the hook told, less what docs/libraries.md says that the wire does not show. */
function lessOnTheWire(
  call: string,
  hooked: Comparable,
  wire: Comparable,
  missing: Set<string>,
): Comparable {
  const expected = { ...hooked }
  for (const name of Object.keys(hooked)) {
    if (wire[name] !== undefined || !HOOK_ONLY.has(name)) continue
    missing.add(name)
    delete expected[name]
  }
  // These services name their errors in the body.
  if (call === 'noTable' || call === 'noObject')
    expected['error.type'] = String(wire['http.response.status_code'])
  // The operation stands in the body of the query protocol.
  if (call.startsWith('publish')) {
    for (const name of ['rpc.method', 'messaging.operation.name', 'messaging.operation.type'])
      delete expected[name]
  }
  return expected
}

/** Attributes without what differs from run to run: ports, and ids that servers make up. */
function comparable(span: CollectedSpan | undefined): Comparable {
  const attributes: Comparable = { ...span?.attributes }
  for (const name of ['aws.request_id', 'messaging.message.id', 'server.port'])
    if (attributes[name] !== undefined) attributes[name] = 'some'
  if (attributes['messaging.system'] === 'aws_sqs' || attributes['messaging.system'] === 'aws.sns')
    if (attributes['baton.pointer'] !== undefined) attributes['baton.pointer'] = 'some'
  for (const name of ['url.full', 'aws.sqs.queue.url'])
    if (attributes[name] !== undefined)
      attributes[name] = String(attributes[name]).replace(/:\d+\//, ':0/')
  return Object.fromEntries(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)))
}

t.test('what each service adds', t => {
  const attributesOf = (call: string): Record<string, unknown> =>
    runs.get('CommonJS')?.spans.get(call)?.[0]?.attributes ?? {}
  const table = { 'db.system.name': 'aws.dynamodb', 'db.collection.name': 'orders' }
  t.match(attributesOf('getItem'), {
    ...table,
    'db.operation.name': 'GetItem',
    'aws.dynamodb.table_names': ['orders'],
    'aws.dynamodb.consistent_read': true,
    'aws.dynamodb.consumed_capacity': [/CapacityUnits/],
  })
  t.match(attributesOf('scan'), { 'aws.dynamodb.limit': 5, 'aws.dynamodb.count': 1 })
  t.match(attributesOf('batchGet'), { ...table, 'db.operation.batch.size': 2 })
  t.match(attributesOf('documentGet'), table)
  t.match(attributesOf('updateItem')['baton.pointer'], /^[0-9a-f]+$/)
  t.equal(
    attributesOf('documentUpdate')['baton.pointer'],
    attributesOf('updateItem')['baton.pointer'],
    'the same key in both forms gives one pointer',
  )
  t.equal(attributesOf('putItem')['baton.pointer'], undefined, 'whose key is not known')
  t.match(attributesOf('noTable'), { 'error.type': 'ResourceNotFoundException' })
  t.match(attributesOf('copyObject'), {
    'aws.s3.bucket': 'photos',
    'aws.s3.key': 'cats/2.jpg',
    'aws.s3.copy_source': 'photos/cats/1.jpg',
    'baton.pointer': /^[0-9a-f]+$/,
  })
  t.match(attributesOf('sendMessage'), {
    'messaging.system': 'aws_sqs',
    'messaging.destination.name': 'orders',
    'messaging.operation.type': 'send',
    'messaging.message.id': /^[0-9a-f-]{36}$/,
    'baton.pointer': /^[0-9a-f]+$/,
  })
  t.match(attributesOf('sendBatch'), {
    'messaging.batch.message_count': 2,
    'baton.pointer': [/^[0-9a-f]+$/, /^[0-9a-f]+$/],
  })
  t.match(attributesOf('publish'), {
    'messaging.system': 'aws.sns',
    'messaging.destination.name': 'news',
    'aws.sns.topic.arn': /^arn:aws:sns:/,
  })
  t.match(attributesOf('invoke'), {
    'faas.invoked_name': 'shipping',
    'faas.invoked_provider': 'aws',
    'faas.invoked_region': 'us-east-1',
  })
  t.match(attributesOf('putEvents'), {
    'messaging.system': 'aws.eventbridge',
    'messaging.destination.name': 'shop',
    'baton.pointer': [/^[0-9a-f]+$/],
  })
  t.match(attributesOf('startExecution'), {
    'aws.step_functions.state_machine.arn': /stateMachine:ship$/,
  })
  t.match(attributesOf('getSecret'), { 'aws.secretsmanager.secret.arn': /secret:api-key-AbCdEf$/ })
  t.notMatch(JSON.stringify(attributesOf('getSecret')), 's3cret')
  t.match(attributesOf('putRecords'), {
    'aws.kinesis.stream_name': 'clicks',
    'baton.pointer': [/^[0-9a-f]+$/, /^[0-9a-f]+$/],
  })
  t.match(attributesOf('converse'), {
    'gen_ai.provider.name': 'aws.bedrock',
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'anthropic.claude-3-haiku-20240307-v1:0',
    'gen_ai.request.max_tokens': 20,
    'gen_ai.request.temperature': 0.5,
    'gen_ai.request.top_p': 0.9,
    'gen_ai.request.stop_sequences': ['\n'],
    'gen_ai.usage.input_tokens': 11,
    'gen_ai.usage.output_tokens': 3,
    'gen_ai.response.finish_reasons': ['end_turn'],
  })
  t.match(attributesOf('invokeModel'), {
    'gen_ai.usage.input_tokens': 7,
    'gen_ai.usage.output_tokens': 2,
  })
  t.notMatch(JSON.stringify(attributesOf('converse')), 'Hello', 'no prompt, no completion')
  t.end()
})

t.test('Kinesis and Bedrock by HTTP/1.1, as a user may want it', async t => {
  await using aws = await startAwsServers()
  const calls = ['putRecord', 'converse']
  for (const form of ['CommonJS', 'bundle'] as const) {
    const run = await runCalls(await filesOf(form), calls, aws, { IS_HTTP1: 'yes' })
    t.strictSame(run.answers, ['ok', 'ok'])
    t.strictSame(
      calls.map(call => (run.spans.get(call) ?? []).map(span => span.name)),
      [['Kinesis.PutRecord'], ['Bedrock Runtime.Converse']],
    )
  }
})

t.test('switched off, the calls are what HTTP shows of them', async t => {
  await using aws = await startAwsServers()
  const calls = ['createTable', 'invoke']
  const run = await runCalls(await filesOf('ES module'), calls, aws, {
    OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'aws-sdk',
  })
  t.strictSame(run.answers, ['ok', 'ok'])
  t.strictSame(
    calls.map(call => (run.spans.get(call) ?? []).map(span => span.name)),
    [['POST'], ['POST']],
  )
})

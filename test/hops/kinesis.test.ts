// A -> Kinesis -> B: by pointer, and by the record's data where that is asked for.
import t from 'tap'
import { startKinesis } from '../helpers/hops/kinesis.ts'
import { expectPath, idOf, ORDER_EVENT, startRelay } from '../helpers/hops/relay.ts'

const A = `
  const { KinesisClient, PutRecordCommand, PutRecordsCommand } = require('@aws-sdk/client-kinesis')
  const { NodeHttpHandler } = require('@smithy/node-http-handler')
  const client = new KinesisClient({ endpoint: process.env.KINESIS_URL, requestHandler: new NodeHttpHandler() })
  const record = id => ({ Data: Buffer.from(JSON.stringify({ id })), PartitionKey: 'p' })
`
const PUT_ONE = `${A}
  exports.handler = () => client.send(new PutRecordCommand({ StreamName: 'orders', ...record(1) }))`

const kinesis = await startKinesis()
t.teardown(() => kinesis[Symbol.asyncDispose]())

t.test('records are left alone: the pointer is the same on both sides', async t => {
  await kinesis.createStream('clicks')
  await using relay = await startRelay({
    a: `${A}
      exports.handler = async () => {
        await client.send(new PutRecordCommand({ StreamName: 'clicks', ...record(1) }))
        await client.send(new PutRecordsCommand({ StreamName: 'clicks', Records: [record(2), record(3)] }))
      }`,
    b: `exports.handler = async ({ Records }) => Records.map(({ kinesis }) => Buffer.from(kinesis.data, 'base64').toString())`,
    env: { KINESIS_URL: kinesis.url },
  })
  await relay.invoke('a', ORDER_EVENT)
  const data = await relay.invoke('b', await kinesis.poll('clicks', 3))
  t.strictSame(data, ['{"id":1}', '{"id":2}', '{"id":3}'])
  const spans = await relay.spans(1, 1)
  const sent = ['Kinesis.PutRecord', 'Kinesis.PutRecords'].flatMap(
    name => spans.one(name).attributes['baton.pointer'],
  )
  t.equal(new Set(sent).size, 3)
  t.strictSame(spans.invocations('b')[0]?.attributes['baton.pointer'], sent)
})

t.test('BATON_INJECT=payloads: B is below the call, or linked to each of several', async t => {
  await kinesis.createStream('orders')
  await using relay = await startRelay({
    a: PUT_ONE,
    env: { KINESIS_URL: kinesis.url, BATON_INJECT: 'payloads' },
  })
  await relay.invoke('a', ORDER_EVENT)
  await relay.invoke('b', await kinesis.poll('orders', 1))
  await relay.invoke('a', ORDER_EVENT)
  await relay.invoke('b', await kinesis.poll('orders', 2))
  const spans = await relay.spans(2, 2)
  expectPath(t, spans, [
    'a POST /orders',
    'a Kinesis.PutRecord',
    'b stream orders',
    'b process orders',
  ])
  const [, both] = spans.invocations('b')
  t.equal(both?.parentSpanId, undefined)
  const calls = spans.all.filter(span => span.name === 'Kinesis.PutRecord')
  // The last link is the trace header of B's own invocation.
  t.strictSame(both?.links.slice(0, -1).map(idOf), calls.map(idOf))
})

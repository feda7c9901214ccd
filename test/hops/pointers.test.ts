// Hops that carry nothing: an object in S3, an item in DynamoDB. Both sides have the same pointer.
import { randomUUID } from 'node:crypto'
import { CreateTableCommand, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3'
import dynalite from 'dynalite'
import t from 'tap'
import { serveLoopback } from '../../local/http/loopback-server.ts'
import { CREDENTIALS, REGION, startQueues } from '../helpers/hops/queues.ts'
import { ORDER_EVENT, startRelay } from '../helpers/hops/relay.ts'

const KEY = '2026/käse + wein (1).jpg'

t.test('A -> S3 -> B: the object is the same to both', async t => {
  await using queues = await startQueues()
  queues.fauxqs.createBucket('photos')
  await using relay = await startRelay({
    a: `
      const { S3Client, PutObjectCommand } = require('@aws-sdk/client-s3')
      const client = new S3Client({ endpoint: process.env.S3_URL, forcePathStyle: true })
      exports.handler = () => client.send(new PutObjectCommand({ Bucket: 'photos', Key: ${JSON.stringify(KEY)}, Body: 'x' }))`,
    env: queues.env,
  })
  await relay.invoke('a', ORDER_EVENT)
  const s3 = new S3Client({
    endpoint: queues.env.S3_URL ?? '',
    region: REGION,
    credentials: CREDENTIALS,
    forcePathStyle: true,
  })
  const head = await s3.send(new HeadObjectCommand({ Bucket: 'photos', Key: KEY }))
  s3.destroy()
  await relay.invoke('b', {
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: REGION,
        eventTime: head.LastModified?.toISOString(),
        eventName: 'ObjectCreated:Put',
        responseElements: { 'x-amz-request-id': 'C3D13FE58DE4C810' },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: 'c',
          bucket: { name: 'photos', arn: 'arn:aws:s3:::photos' },
          object: {
            // As in a form, slashes apart: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
            key: encodeURIComponent(KEY).replaceAll('%20', '+').replaceAll('%2F', '/'),
            size: head.ContentLength,
            eTag: head.ETag?.replaceAll('"', ''),
            sequencer: '0055AED6DCD90281E5',
          },
        },
      },
    ],
  })
  const spans = await relay.spans(1, 1)
  const [callee] = spans.invocations('b')
  t.match(callee?.attributes, { 'faas.document.collection': 'photos', 'faas.document.name': KEY })
  const pointer = spans.one('S3.PutObject').attributes['baton.pointer']
  t.match(pointer, /^[0-9a-f]{32}$/)
  t.strictSame(callee?.attributes['baton.pointer'], [pointer])
})

/** dynalite has no streams: the record is made of the item as it stands in the table. */
t.test(
  'A -> DynamoDB -> stream -> B: the item is the same to both, in whatever form it is written',
  async t => {
    await using server = await serveLoopback(dynalite({ createTableMs: 0 }))
    const client = new DynamoDBClient({
      endpoint: server.url,
      region: REGION,
      credentials: CREDENTIALS,
    })
    await client.send(
      new CreateTableCommand({
        TableName: 'orders',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: 'shop', AttributeType: 'S' },
          { AttributeName: 'id', AttributeType: 'N' },
        ],
        KeySchema: [
          { AttributeName: 'shop', KeyType: 'HASH' },
          { AttributeName: 'id', KeyType: 'RANGE' },
        ],
      }),
    )
    await using relay = await startRelay({
      a: `
      const { DynamoDBClient, UpdateItemCommand, BatchWriteItemCommand } = require('@aws-sdk/client-dynamodb')
      const { DynamoDBDocumentClient, UpdateCommand } = require('@aws-sdk/lib-dynamodb')
      const client = new DynamoDBClient({ endpoint: process.env.DYNAMODB_URL })
      const documents = DynamoDBDocumentClient.from(client)
      const update = { TableName: 'orders', UpdateExpression: 'SET paid = :p' }
      exports.handler = async () => {
        await client.send(new UpdateItemCommand({ ...update, Key: { id: { N: '007.50' }, shop: { S: 'käse' } }, ExpressionAttributeValues: { ':p': { BOOL: true } } }))
        await documents.send(new UpdateCommand({ ...update, Key: { shop: 'käse', id: 8 }, ExpressionAttributeValues: { ':p': true } }))
        const key = id => ({ shop: { S: 'käse' }, id: { N: id } })
        await client.send(new BatchWriteItemCommand({ RequestItems: { orders: [{ PutRequest: { Item: key('9') } }, { DeleteRequest: { Key: key('10') } }] } }))
      }`,
      env: { DYNAMODB_URL: server.url },
    })
    await relay.invoke('a', ORDER_EVENT)
    const records: object[] = []
    for (const id of ['7.5', '8']) {
      const key = { shop: { S: 'käse' }, id: { N: id } }
      const { Item } = await client.send(new GetItemCommand({ TableName: 'orders', Key: key }))
      records.push(toRecord('INSERT', { Keys: { shop: Item?.shop, id: Item?.id }, NewImage: Item }))
    }
    records.push(toRecord('REMOVE', { Keys: { shop: { S: 'käse' }, id: { N: '10' } } }))
    client.destroy()
    await relay.invoke('b', { Records: records })
    const spans = await relay.spans(1, 1)
    const writes = spans.all.filter(span => /Update|Write/.test(span.name))
    const pointers = writes.flatMap(span => span.attributes['baton.pointer'])
    t.equal(new Set(pointers).size, 3)
    for (const pointer of pointers) t.match(pointer, /^[0-9a-f]{32}$/)
    t.strictSame(spans.invocations('b')[0]?.attributes['baton.pointer'], pointers)
  },
)

/** https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html */
const toRecord = (eventName: string, change: object): object => ({
  eventID: randomUUID().replaceAll('-', ''),
  eventName,
  eventVersion: '1.1',
  eventSource: 'aws:dynamodb',
  awsRegion: REGION,
  dynamodb: {
    ApproximateCreationDateTime: Math.floor(Date.now() / 1000),
    SequenceNumber: '4449258000000000025751',
    SizeBytes: 26,
    StreamViewType: 'NEW_IMAGE',
    ...change,
  },
  eventSourceARN: `arn:aws:dynamodb:${REGION}:123456789012:table/orders/stream/2026-06-10T19:26:16.525`,
})

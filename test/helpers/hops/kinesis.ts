// Kinesis, as kinesis-local serves it, and what Lambda hands to the function behind a stream.
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  type _Record as KinesisRecord,
} from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { findPort, startProcess } from '../servers/processes.ts'
import { CREDENTIALS, REGION } from './queues.ts'

const PROGRAM = fileURLToPath(import.meta.resolve('kinesis-local'))
const SHARD = 'shardId-000000000000'
/** As the service has it for readers of one shard: five reads a second. */
const PAUSE_MS = 200

export interface Kinesis extends AsyncDisposable {
  readonly url: string
  /** Resolves when it takes records. Its one shard keeps them in order. */
  createStream(name: string): Promise<void>
  /** What Lambda hands over, once there are so many records in the stream. */
  poll(stream: string, count: number): Promise<{ readonly Records: readonly object[] }>
}

export async function startKinesis(): Promise<Kinesis> {
  const tlsPort = await findPort()
  const server = await startProcess(
    process.execPath,
    () => [PROGRAM],
    port => ({
      KINESIS_MOCK_PLAIN_PORT: `${port}`,
      KINESIS_MOCK_TLS_PORT: `${tlsPort}`,
      KINESIS_MOCK_CERT_PATH: join(dirname(PROGRAM), 'server.json'),
      CREATE_STREAM_DURATION: '1ms',
      LOG_LEVEL: 'WARN',
    }),
  )
  const url = `http://127.0.0.1:${server.port}`
  const client = new KinesisClient({
    endpoint: url,
    region: REGION,
    credentials: CREDENTIALS,
    requestHandler: new NodeHttpHandler(),
  })
  return {
    url,
    async createStream(StreamName) {
      await client.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }))
      for (;;) {
        const described = await client.send(new DescribeStreamSummaryCommand({ StreamName }))
        if (described.StreamDescriptionSummary?.StreamStatus === 'ACTIVE') return
        await sleep(PAUSE_MS)
      }
    },
    async poll(StreamName, count) {
      const from = { StreamName, ShardId: SHARD, ShardIteratorType: 'TRIM_HORIZON' as const }
      const { ShardIterator } = await client.send(new GetShardIteratorCommand(from))
      for (;;) {
        const { Records = [] } = await client.send(new GetRecordsCommand({ ShardIterator }))
        if (Records.length >= count)
          return { Records: Records.map(record => toRecord(StreamName, record)) }
        await sleep(PAUSE_MS)
      }
    },
    async [Symbol.asyncDispose]() {
      client.destroy()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html */
const toRecord = (stream: string, record: KinesisRecord): object => ({
  kinesis: {
    kinesisSchemaVersion: '1.0',
    partitionKey: record.PartitionKey,
    sequenceNumber: record.SequenceNumber,
    data: Buffer.from(record.Data ?? []).toString('base64'),
    approximateArrivalTimestamp: Number(record.ApproximateArrivalTimestamp) / 1000,
  },
  eventSource: 'aws:kinesis',
  eventVersion: '1.0',
  eventID: `${SHARD}:${record.SequenceNumber}`,
  eventName: 'aws:kinesis:record',
  invokeIdentityArn: 'arn:aws:iam::123456789012:role/lambda-role',
  awsRegion: REGION,
  eventSourceARN: `arn:aws:kinesis:${REGION}:000000000000:stream/${stream}`,
})

// Servers that take what the AWS SDK sends: dynalite for DynamoDB, fauxqs for SQS, SNS and S3, and a stand-in that speaks the wire
// format of the rest, over HTTP/1.1 and over HTTP/2 as the SDK's clients of Kinesis and Bedrock want it.
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo, Server } from 'node:net'
import { text } from 'node:stream/consumers'
import dynalite from 'dynalite'
import { type FauxqsServer, startFauxqs } from 'fauxqs'

export interface AwsRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface AwsServers extends AsyncDisposable {
  /** Endpoints and credentials, for the function's environment. */
  readonly env: Readonly<Record<string, string>>
  readonly fauxqs: FauxqsServer
  /** What the stand-in was sent. */
  readonly requests: readonly AwsRequest[]
}

export const REGION = 'us-east-1'
const ACCOUNT = '123456789012'

export async function startAwsServers(): Promise<AwsServers> {
  const fauxqs = await startFauxqs({ port: 0, logger: false })
  fauxqs.createQueue('orders')
  fauxqs.createTopic('news')
  fauxqs.createBucket('photos')
  fauxqs.subscribe({ topic: 'news', queue: 'orders' })
  const requests: AwsRequest[] = []
  const http1 = createServer(async (request, response) => {
    const body = await text(request)
    const { url = '', headers } = request
    requests.push({ path: url, headers, body })
    const answer = answerTo(url, headers)
    response.writeHead(answer.status, answer.headers).end(answer.body)
  })
  const http2 = createHttp2Server(async (request, response) => {
    const body = await text(request)
    const { url, headers } = request
    requests.push({ path: url, headers, body })
    const answer = answerTo(url, headers)
    response.writeHead(answer.status, answer.headers)
    response.end(answer.body)
  })
  const dynamodb = dynalite({ createTableMs: 0 })
  const [dynamodbUrl, http1Url, http2Url] = await Promise.all([
    listen(dynamodb),
    listen(http1),
    listen(http2),
  ])
  return {
    fauxqs,
    requests,
    env: {
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      DYNAMODB_URL: dynamodbUrl ?? '',
      FAUXQS_URL: `http://127.0.0.1:${fauxqs.port}`,
      QUEUE_URL: `http://sqs.${REGION}.localhost:${fauxqs.port}/000000000000/orders`,
      TOPIC_ARN: `arn:aws:sns:${REGION}:000000000000:news`,
      HTTP1_URL: http1Url ?? '',
      HTTP2_URL: http2Url ?? '',
    },
    async [Symbol.asyncDispose]() {
      await fauxqs.stop()
      for (const server of [dynamodb, http1]) server.closeAllConnections()
      for (const server of [dynamodb, http1, http2]) server.close()
    },
  }
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const SECRET_ARN = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:api-key-AbCdEf`

/** By operation: the body of the answer. */
const BODIES: Readonly<Record<string, unknown>> = {
  'AWSEvents.PutEvents': { FailedEntryCount: 0, Entries: [{ EventId: 'e-1' }] },
  'AWSStepFunctions.StartExecution': { executionArn: 'arn:aws:states:x', startDate: 1 },
  'secretsmanager.GetSecretValue': { ARN: SECRET_ARN, Name: 'api-key', SecretString: 's3cret' },
  'Kinesis_20131202.PutRecord': { ShardId: 'shardId-0', SequenceNumber: '4955' },
  'Kinesis_20131202.PutRecords': {
    FailedRecordCount: 0,
    Records: [{ SequenceNumber: '1' }, { SequenceNumber: '2' }],
  },
  converse: {
    output: { message: { role: 'assistant', content: [{ text: 'Hello.' }] } },
    stopReason: 'end_turn',
    usage: { inputTokens: 11, outputTokens: 3, totalTokens: 14 },
    metrics: { latencyMs: 1 },
  },
  invoke: { completion: 'Hello.' },
  invocations: { ok: true },
}

function answerTo(path: string, headers: IncomingHttpHeaders): Answer {
  const target = headers['x-amz-target']
  const name = typeof target === 'string' ? target : path.slice(path.lastIndexOf('/') + 1)
  const common = {
    'content-type': 'application/json',
    'x-amzn-requestid': '79b9da39-b7ae-508a-a6bc-864b2829c622',
  }
  if (path.includes('/missing/')) {
    const type = 'ResourceNotFoundException:http://internal.amazon.com/coral/com.amazonaws/'
    return {
      status: 404,
      headers: { ...common, 'x-amzn-errortype': type },
      body: '{"Message":"Function not found"}',
    }
  }
  const tokens = {
    'x-amzn-bedrock-input-token-count': '7',
    'x-amzn-bedrock-output-token-count': '2',
  }
  return {
    status: 200,
    headers: name === 'invoke' ? { ...common, ...tokens } : common,
    body: JSON.stringify(BODIES[name] ?? {}),
  }
}

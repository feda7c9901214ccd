// SQS, SNS and S3 as fauxqs serves them. In front of its SQS stands what it lacks: SQS keeps the trace header of a request that
// sends, or the system attribute in its place, and hands it out with the message.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { text } from 'node:stream/consumers'
import {
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { type FauxqsServer, startFauxqs } from 'fauxqs'
import { type LoopbackServer, serveLoopback } from '../../../local/http/loopback-server.ts'

export const REGION = 'us-east-1'
export const ACCOUNT = '000000000000'
export const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }

export interface Queues extends AsyncDisposable {
  readonly fauxqs: FauxqsServer
  readonly sqs: SQSClient
  /** For A: `SQS_URL`, `SNS_URL`, `S3_URL` and `QUEUES`, the beginning of every queue's URL. */
  readonly env: Readonly<Record<string, string>>
  queueUrl(queue: string): string
  /**
   * What Lambda hands to the function behind the queue, once so many messages were received and deleted. Messages stay in
   * the order in which they were received.
   */
  poll(queue: string, count: number): Promise<SqsEvent>
  /** Receives without waiting and leaves the messages to be received again, as a function does that fails. */
  receiveAndFail(queue: string): Promise<SqsEvent>
}

export interface SqsEvent {
  readonly Records: readonly SqsRecord[]
}

export interface SqsRecord {
  readonly messageId: string | undefined
  readonly body: string | undefined
  readonly attributes: Readonly<Record<string, string>>
  readonly messageAttributes: Readonly<Record<string, object>>
  readonly [field: string]: unknown
}

export async function startQueues(): Promise<Queues> {
  const fauxqs = await startFauxqs({ port: 0, logger: false })
  const origin = `http://127.0.0.1:${fauxqs.port}`
  const front = await startFront(origin)
  const queues = `http://sqs.${REGION}.localhost:${fauxqs.port}/${ACCOUNT}/`
  // The front is where requests go; the queue's URL, in them, is fauxqs's own.
  const sqs = new SQSClient({
    endpoint: front.url,
    region: REGION,
    credentials: CREDENTIALS,
    useQueueUrlAsEndpoint: false,
  })
  const receive = (queue: string, seconds: number, visibility?: number): Promise<Message[]> =>
    receiveFrom(sqs, `${queues}${queue}`, seconds, visibility)
  return {
    fauxqs,
    sqs,
    env: { SQS_URL: front.url, SNS_URL: origin, S3_URL: origin, QUEUES: queues },
    queueUrl: queue => `${queues}${queue}`,
    async poll(queue, count) {
      const messages: Message[] = []
      while (messages.length < count) {
        const received = await receive(queue, 20)
        for (const { ReceiptHandle } of received)
          await sqs.send(new DeleteMessageCommand({ QueueUrl: `${queues}${queue}`, ReceiptHandle }))
        messages.push(...received)
      }
      return { Records: messages.map(message => toRecord(queue, message)) }
    },
    async receiveAndFail(queue) {
      const messages = await receive(queue, 0, 0)
      return { Records: messages.map(message => toRecord(queue, message)) }
    },
    async [Symbol.asyncDispose]() {
      sqs.destroy()
      await front[Symbol.asyncDispose]()
      await fauxqs.stop()
    },
  }
}

async function receiveFrom(
  sqs: SQSClient,
  url: string,
  seconds: number,
  visibility: number | undefined,
): Promise<Message[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: url,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: seconds,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
      ...(visibility !== undefined && { VisibilityTimeout: visibility }),
    }),
  )
  return Messages
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
function toRecord(queue: string, message: Message): SqsRecord {
  const { MessageAttributes = {}, Attributes = {} } = message
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: Attributes,
    messageAttributes: Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
        name,
        {
          ...(StringValue !== undefined && { stringValue: StringValue }),
          ...(BinaryValue && { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
          stringListValues: [],
          binaryListValues: [],
          dataType: DataType,
        },
      ]),
    ),
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:${REGION}:${ACCOUNT}:${queue}`,
    awsRegion: REGION,
  }
}

interface Sent {
  readonly MessageId?: string
  readonly Id?: string
}

interface Asked {
  readonly Id?: string
  readonly MessageSystemAttributes?: Readonly<Record<string, { readonly StringValue?: string }>>
  readonly Entries?: readonly Asked[]
}

interface Answered extends Sent {
  readonly Successful?: readonly Sent[]
  readonly Messages?: readonly { MessageId: string; Attributes?: Record<string, string> }[]
}

async function startFront(origin: string): Promise<LoopbackServer> {
  const traceHeaders = new Map<string, string>()
  const server = createServer(async (request, response) => {
    const body = await text(request)
    const { host: _host, connection: _connection, ...headers } = request.headers
    const answer = await fetch(`${origin}${request.url}`, {
      method: 'POST',
      headers: headers as Record<string, string>,
      body,
    })
    const answered = (await answer.json()) as Answered
    if (answer.ok) {
      keep(traceHeaders, request.headers, JSON.parse(body), answered)
      for (const message of answered.Messages ?? []) {
        const header = traceHeaders.get(message.MessageId)
        if (header) message.Attributes = { ...message.Attributes, AWSTraceHeader: header }
      }
    }
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' })
    response.end(JSON.stringify(answered))
  })
  return serveLoopback(server)
}

/** One header for all messages of a request; the system attribute of a message goes before. */
function keep(
  traceHeaders: Map<string, string>,
  headers: IncomingHttpHeaders,
  asked: Asked,
  answered: Answered,
): void {
  const header = headers['x-amzn-trace-id']
  const sent = answered.MessageId === undefined ? (answered.Successful ?? []) : [answered]
  for (const { Id, MessageId = '' } of sent) {
    const entry = asked.Entries?.find(each => each.Id === Id) ?? asked
    const own = entry.MessageSystemAttributes?.AWSTraceHeader?.StringValue
    const kept = own ?? header
    if (typeof kept === 'string') traceHeaders.set(MessageId, kept)
  }
}

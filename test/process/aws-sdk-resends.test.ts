// One command sent twice, and a request that had to be sent again: each message has the context of its own call, and has it once.
import { createHash } from 'node:crypto'
import t from 'tap'
import { startAwsServer } from '../helpers/aws-server.ts'
import { startFunction } from '../helpers/function.ts'
import { startCollector } from '../helpers/otlp.ts'

const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }
const BODY = 'one'
const ANSWER = { MessageId: 'm-1', MD5OfMessageBody: createHash('md5').update(BODY).digest('hex') }
const QUEUE = `QueueUrl: process.env.AWS_URL + '/123456789012/orders', MessageBody: '${BODY}'`

const twice = (module: string): string => `
    const { SQSClient, SendMessageCommand } = require('${module}')
    const client = new SQSClient({ endpoint: process.env.AWS_URL })
    const command = new SendMessageCommand({ ${QUEUE} })
    exports.handler = async () => {
      await client.send(command)
      await client.send(command)
      return Object.keys(command.input)
    }`

const CODES = {
  'v3, a command': twice('@aws-sdk/client-sqs'),
  'v3 of 2025, a command': twice('client-sqs-3-888'),
  'v2, parameters': `
    const AWS = require('aws-sdk')
    const client = new AWS.SQS({ endpoint: process.env.AWS_URL, region: 'us-east-1' })
    const parameters = { ${QUEUE} }
    exports.handler = async () => {
      await client.sendMessage(parameters).promise()
      await client.sendMessage(parameters).promise()
      return Object.keys(parameters)
    }`,
}

for (const [name, code] of Object.entries(CODES)) {
  t.test(
    `${name}: what is sent again carries one context, under a signature that fits`,
    async t => {
      let answered = 0
      await using aws = await startAwsServer({
        service: 'sqs',
        region: 'us-east-1',
        keys: KEYS,
        answer: () => (answered++ === 0 ? { status: 500 } : { body: ANSWER }),
      })
      await using collector = await startCollector()
      await using fn = await startFunction({
        hasPackages: true,
        files: { 'index.cjs': code },
        events: [{}],
        env: {
          AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
          AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
          AWS_URL: aws.url,
          OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        },
      })
      await fn.answered(1)
      const spans = await collector.waitForSpans(all => all.some(span => span.kind === 'SERVER'))
      t.strictSame(JSON.parse(fn.api.posts[0]?.body ?? ''), ['QueueUrl', 'MessageBody'])
      const calls = spans.filter(span => span.kind === 'PRODUCER')
      t.strictSame(
        calls.map(span => [span.name, span.attributes['http.request.resend_count']]),
        [
          ['SQS.SendMessage', 1],
          ['SQS.SendMessage', undefined],
        ],
      )
      const [first, second] = calls.map(span => `00-${span.traceId}-${span.spanId}-01`)
      t.strictSame(
        aws.requests.map(({ flaw, headers, body }) => {
          const { MessageAttributes = {} } = JSON.parse(body.toString())
          const names = Object.keys(MessageAttributes)
          return [flaw, headers.traceparent, names, MessageAttributes.traceparent?.StringValue]
        }),
        [
          [undefined, first, ['traceparent'], first],
          [undefined, first, ['traceparent'], first],
          [undefined, second, ['traceparent'], second],
        ],
      )
    },
  )
}

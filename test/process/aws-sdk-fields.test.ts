// Services whose messages have a field for what senders add, by the SDK's own clients, v3 and v2: what is sent of it on the wire.
import t from 'tap'
import { type AwsServers, startAwsServers } from '../helpers/aws-servers.ts'
import { startFunction } from '../helpers/function.ts'
import { type CollectedSpan, startCollector } from '../helpers/otlp.ts'

interface Sent {
  readonly body: string
  readonly header: (name: string) => string | undefined
}

/** Where a request has its context. */
type ReadContext = (sent: Sent) => unknown

const fromBase64 = (text: string | undefined): string =>
  Buffer.from(text ?? '', 'base64').toString()
const tagOf = (tags: readonly { Name: string; Value: string }[] | undefined): unknown =>
  tags?.find(({ Name }) => Name === 'traceparent')?.Value
const memberOf = (text: string): unknown => JSON.parse(text || '{}').traceparent

interface Case {
  /** Name of its span. */
  readonly span: string
  readonly v3: readonly [name: string, client: string, command: string]
  readonly v2: readonly [client: string, method: string]
  readonly parameters: string
  readonly injection?: string
  readonly read: ReadContext
}

const MAIL = `Destination: { ToAddresses: ['a@example.com'] }`
const CONTENT = `Subject: { Data: 's' }, Body: { Text: { Data: 'b' } }`
const TARGET = `Arn: 'arn:aws:lambda:us-east-1:123456789012:function:b', RoleArn: 'arn:aws:iam::123456789012:role/r', Input: '{"id":1}'`

const CASES: readonly Case[] = [
  {
    span: 'IoT Data Plane.Publish',
    v3: ['client-iot-data-plane', 'IoTDataPlaneClient', 'PublishCommand'],
    v2: ['IotData', 'publish'],
    parameters: `topic: 'orders', payload: '{}'`,
    read: ({ header }) =>
      JSON.parse(fromBase64(header('x-amz-mqtt5-user-properties')) || '[{}]')[0].traceparent,
  },
  {
    span: 'SESv2.SendEmail',
    v3: ['client-sesv2', 'SESv2Client', 'SendEmailCommand'],
    v2: ['SESV2', 'sendEmail'],
    parameters: `FromEmailAddress: 'b@example.com', ${MAIL}, Content: { Simple: { ${CONTENT} } }`,
    read: ({ body }) => tagOf(JSON.parse(body).EmailTags),
  },
  {
    span: 'SES.SendEmail',
    v3: ['client-ses', 'SESClient', 'SendEmailCommand'],
    v2: ['SES', 'sendEmail'],
    parameters: `Source: 'b@example.com', ${MAIL}, Message: { ${CONTENT} }`,
    read: ({ body }) => {
      const form = new URLSearchParams(body)
      return form.get('Tags.member.1.Name') === 'traceparent'
        ? form.get('Tags.member.1.Value')
        : undefined
    },
  },
  {
    span: 'Scheduler.CreateSchedule',
    v3: ['client-scheduler', 'SchedulerClient', 'CreateScheduleCommand'],
    v2: ['Scheduler', 'createSchedule'],
    parameters: `Name: 'once', ScheduleExpression: 'at(2030-01-01T00:00:00)', FlexibleTimeWindow: { Mode: 'OFF' }, Target: { ${TARGET} }`,
    injection: 'payloads',
    read: ({ body }) => memberOf(JSON.parse(body).Target.Input),
  },
  {
    span: 'Firehose.PutRecord',
    v3: ['client-firehose', 'FirehoseClient', 'PutRecordCommand'],
    v2: ['Firehose', 'putRecord'],
    parameters: `DeliveryStreamName: 'lake', Record: { Data: Buffer.from('{"id":1}') }`,
    injection: 'payloads',
    read: ({ body }) => memberOf(fromBase64(JSON.parse(body).Record.Data)),
  },
]

const codeOf = ({ v3, v2, parameters }: Case, sdk: 'v3' | 'v2'): string =>
  sdk === 'v3'
    ? `const sdk = require('@aws-sdk/${v3[0]}')
       const client = new sdk.${v3[1]}({ endpoint: process.env.HTTP1_URL })
       exports.handler = () => client.send(new sdk.${v3[2]}({ ${parameters} })).catch(error => error.name)`
    : `const AWS = require('aws-sdk')
       const client = new AWS.${v2[0]}({ endpoint: process.env.HTTP1_URL, region: 'us-east-1' })
       exports.handler = () => client.${v2[1]}({ ${parameters} }).promise().catch(error => error.name)`

async function send(
  aws: AwsServers,
  code: string,
  injection: string,
): Promise<{ readonly sent: Sent; readonly call: CollectedSpan | undefined }> {
  await using collector = await startCollector()
  await using fn = await startFunction({
    hasPackages: true,
    files: { 'index.cjs': code },
    events: [{}],
    env: { ...aws.env, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, BATON_INJECT: injection },
  })
  await fn.answered(1)
  const spans = await collector.waitForSpans(all => all.some(span => span.kind === 'SERVER'))
  const { headers = {}, body = '' } = aws.requests.at(-1) ?? {}
  return {
    sent: { body, header: name => headers[name]?.toString() },
    call: spans.find(span => span.kind !== 'SERVER'),
  }
}

for (const each of CASES) {
  for (const sdk of ['v3', 'v2'] as const) {
    const { span, injection = 'messages', read } = each
    t.test(`${span} by ${sdk}: the context stands in its field, from ${injection} on`, async t => {
      await using aws = await startAwsServers()
      const code = codeOf(each, sdk)
      const { sent, call } = await send(aws, code, injection)
      t.equal(call?.name, span)
      const context = `00-${call?.traceId}-${call?.spanId}-01`
      t.equal(read(sent), context)
      t.equal(sent.header('traceparent'), context)
      const before = await send(aws, code, injection === 'messages' ? 'headers' : 'messages')
      t.equal(read(before.sent), undefined)
      t.ok(before.sent.header('traceparent'))
    })
  }
}

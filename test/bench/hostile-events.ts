// Events that someone made to cost as much as they can, as large as Lambda takes them: 6 MB.
const NAMES = 400_000
const MAX_BYTES = 6 * 1024 * 1024

const names = (value: string): string =>
  Array.from({ length: NAMES }, (_, at) => `"k${at}":${value}`).join(',')
const many = (item: string): string =>
  `[${Array(Math.floor((MAX_BYTES - 1024) / (item.length + 1)))
    .fill(item)
    .join(',')}]`
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
const sqs = (rest: string): string => `{"messageId":"m","eventSource":"aws:sqs",${rest}}`
const dynamo = (rest: string): string =>
  `{"eventSourceARN":"arn:aws:dynamodb:eu-west-1:1:table/t/stream/1","dynamodb":{${rest}}}`
const http = (rest: string): string =>
  `{"version":"2.0","rawPath":"/","routeKey":"GET /","requestContext":{"http":{"method":"GET"}},${rest}}`
const kafka = (rest: string): string => `{"eventSource":"aws:kafka",${rest}}`
const bodyOf = (text: string): string => JSON.stringify(text)

/** Their texts by what is wrong with them. */
export const HOSTILE_EVENTS: Readonly<Record<string, string>> = {
  'unknown event of 400,000 names': `{${names('1')}}`,
  'unknown event, 3,000,000 deep': nested(3_000_000),
  'HTTP, 400,000 headers': http(`"headers":{${names('"v"')}}`),
  'HTTP, a header of 6 MB': http(`"headers":{"traceparent":"${'x'.repeat(MAX_BYTES)}"}`),
  'Kafka, 400,000 partitions': kafka(`"records":{${names('[{}]')}}`),
  'Kafka, one topic in 200,000 partitions': kafka(
    `"records":{${Array.from({ length: 200_000 }, (_, at) => `"t-${at}":[{"topic":"t"}]`).join(',')}}`,
  ),
  'Kafka, 128 records with 400 headers each': kafka(
    `"records":{"t-0":${`[${Array(128)
      .fill(`{"topic":"t","headers":[${Array(400).fill('{"h":[1]}').join(',')}]}`)
      .join(',')}]`}}`,
  ),
  'Kafka, headers of 8,000 bytes as a map': kafka(
    `"records":{"t-0":[${Array(20)
      .fill(
        `{"topic":"t","headers":[{"traceparent":{${Array.from({ length: 8000 }, (_, at) => `"${at}":"48"`).join(',')}}}]}`,
      )
      .join(',')}]}`,
  ),
  'RabbitMQ, 400,000 queues': `{"eventSource":"aws:rmq","rmqMessagesByQueue":{${names('[{}]')}}}`,
  'RabbitMQ, 400,000 headers': `{"eventSource":"aws:rmq","rmqMessagesByQueue":{"q::/":[{"basicProperties":{"headers":{${names('1')}}}}]}}`,
  'ActiveMQ, as many messages as fit': `{"eventSource":"aws:mq","messages":${many('{"messageID":"m","properties":{}}')}}`,
  'DynamoDB, an item with 400,000 keys': `{"Records":[${dynamo(`"Keys":{${names('{"S":"1"}').slice(0, MAX_BYTES)}`.replace(/,[^,]*$/, '}'))}]}`,
  'DynamoDB, as many items as fit': `{"Records":${many(dynamo('"Keys":{"id":{"S":"1"}}'))}}`,
  'Kinesis, as many records as fit': `{"Records":${many('{"eventSource":"aws:kinesis","kinesis":{"data":"eyJhIjoxfQ=="}}')}}`,
  'SQS, as many messages as fit': `{"Records":${many(sqs('"body":"{}","messageAttributes":{}'))}}`,
  'SQS, 400,000 attributes': `{"Records":[${sqs(`"messageAttributes":{${names('1')}}`)}]}`,
  'SQS, 128 bodies of nested lists': `{"Records":[${Array(128)
    .fill(sqs(`"body":${bodyOf(`{"Type":"Notification","TopicArn":${nested(15_000)}}`)}`))
    .join(',')}]}`,
  'SNS, a message of 6 MB': `{"Records":[{"EventSource":"aws:sns","Sns":{"Message":"{${'x'.repeat(MAX_BYTES)}"}}]}`,
}

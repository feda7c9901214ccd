// One order through the whole of it: the built runtime, the function, what it calls, and a collector. Gives back all
// that was seen on the way.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { startCollector } from '../../local/collector/collector.ts'
import type { CollectedSpan } from '../../local/collector/span.ts'
import type { Answer } from '../../local/emulator/answer.ts'
import { startFunction } from '../../local/emulator/function.ts'
import type { LogLine } from '../../local/emulator/log-line.ts'
import { startDynamoDb, startRecordingProxy, startShipping } from './backends.ts'
import type { RecordedRequest } from './recorded-request.ts'
import type { AwsCredentials } from './sigv4.ts'

export interface OrderRun {
  readonly event: { readonly headers: Readonly<Record<string, string>> }
  readonly answer: Answer
  readonly spans: readonly CollectedSpan[]
  /** As the function's AWS SDK sent them. */
  readonly dynamoDbRequests: readonly RecordedRequest[]
  readonly shippingRequests: readonly RecordedRequest[]
  readonly dynamoDbPort: number
  readonly shippingPort: number
  readonly credentials: AwsCredentials
}

/** AWS's own example key, known to open nothing. */
const CREDENTIALS: AwsCredentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
}
const TABLE = 'orders'
const SPANS_TIMEOUT_MS = 2000
const ORDERS = fileURLToPath(new URL('../orders', import.meta.url))
const BOOTSTRAP = fileURLToPath(
  new URL(`../../dist/layer-${process.arch}/bootstrap`, import.meta.url),
)

/** Whether the answer and the trace are what they should be is for others to say. */
export async function runOrders(onLog: (line: LogLine) => void): Promise<OrderRun> {
  await using dynamoDb = await startDynamoDb(TABLE, CREDENTIALS)
  await dynamoDb.put({ pk: { S: 'customer#c-1077' }, country: { S: 'CH' } })
  await using proxy = await startRecordingProxy(dynamoDb.port)
  await using shipping = await startShipping()
  await using collector = await startCollector()
  await using fn = await startFunction({
    bootstrap: BOOTSTRAP,
    directory: ORDERS,
    timeoutMs: 10_000,
    memoryMb: 512,
    onLog,
    env: {
      ORDERS_TABLE: TABLE,
      SHIPPING_URL: shipping.url,
      AWS_ENDPOINT_URL_DYNAMODB: proxy.url,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      // What it would show depends on how fast the machine is.
      BATON_INIT_SPANS: 'false',
    },
  })
  const event = JSON.parse(await readFile(`${ORDERS}/event.json`, 'utf8'))
  const answer = await fn.invoke(event)
  await fn.settled()
  // The invocation's own span ends last. Where it does not come, what came is all there is.
  const spans = await collector.store
    .waitForSpans(
      received => received.some(span => span.attributes['faas.invocation_id'] === answer.requestId),
      SPANS_TIMEOUT_MS,
    )
    .catch(() => collector.store.spans)
  return {
    event,
    answer,
    spans: [...spans],
    dynamoDbRequests: proxy.requests,
    shippingRequests: shipping.requests,
    dynamoDbPort: proxy.port,
    shippingPort: shipping.port,
    credentials: CREDENTIALS,
  }
}

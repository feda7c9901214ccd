// What there is to notice in the demo's trace, each point checked and not claimed.
import type { CollectedSpan } from '../../local/collector/span.ts'
import type { RecordedRequest } from './recorded-request.ts'
import type { OrderRun } from './run-orders.ts'
import { isSignatureRight, signedHeaders } from './sigv4.ts'

export interface Finding {
  readonly claim: string
  readonly holds: boolean
}

interface Traceparent {
  readonly traceId: string
  readonly spanId: string
}

/** All points, in the order they are told. */
export function examine(run: OrderRun): Finding[] {
  const { answer, spans, dynamoDbRequests, shippingRequests } = run
  const upstream = parseTraceparent(run.event.headers)
  const root = spans.find(span => span.attributes['faas.invocation_id'] === answer.requestId)
  const children = spans.filter(span => span.parentSpanId === root?.spanId)
  const toDynamoDb = spansToPort(spans, run.dynamoDbPort)
  const toShipping = spansToPort(spans, run.shippingPort)
  return [
    {
      claim: 'the function answered with 201 and the stored order',
      holds: statusOf(run) === 201,
    },
    {
      claim: `every span has the upstream's trace id, ${upstream?.traceId}`,
      holds: spans.length > 0 && spans.every(span => span.traceId === upstream?.traceId),
    },
    {
      claim: 'the invocation span is POST /orders, and the upstream span is its parent',
      holds: root?.name === 'POST /orders' && root.parentSpanId === upstream?.spanId,
    },
    {
      claim: 'below it stand both DynamoDB calls and the call of the shipping service',
      holds:
        toDynamoDb.length === 2 &&
        toShipping.length === 1 &&
        [...toDynamoDb, ...toShipping].every(span => children.includes(span)),
    },
    {
      claim: 'the shipping service received the traceparent of the span that called it',
      holds:
        shippingRequests.length === 1 &&
        shippingRequests.every(request => names(request, toShipping)),
    },
    {
      claim: "both DynamoDB requests carried our traceparent among SigV4's signed headers",
      holds:
        dynamoDbRequests.length === 2 &&
        dynamoDbRequests.every(
          request => names(request, spans) && signedHeaders(request).includes('traceparent'),
        ),
    },
    {
      claim: 'and their signatures are right',
      holds:
        dynamoDbRequests.length === 2 &&
        dynamoDbRequests.every(request => isSignatureRight(request, run.credentials)),
    },
  ]
}

function statusOf({ answer }: OrderRun): unknown {
  return answer.kind === 'response' ? JSON.parse(answer.body).statusCode : answer.errorType
}

function spansToPort(spans: readonly CollectedSpan[], port: number): CollectedSpan[] {
  return spans.filter(span => span.kind === 'CLIENT' && span.attributes['server.port'] === port)
}

/** True when the request's traceparent names one of the spans. */
function names(request: RecordedRequest, spans: readonly CollectedSpan[]): boolean {
  const sent = parseTraceparent(request.headers)
  return spans.some(span => span.traceId === sent?.traceId && span.spanId === sent.spanId)
}

function parseTraceparent(headers: Readonly<Record<string, string>>): Traceparent | undefined {
  const [, traceId, spanId] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-01$/.exec(headers.traceparent ?? '') ?? []
  return traceId === undefined || spanId === undefined ? undefined : { traceId, spanId }
}

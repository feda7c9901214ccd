// Payload format 2.0, which HTTP APIs and function URLs both send; only the former have routes.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html

import { type EventFields, fieldsOf } from '../fields.ts'
import type { Trigger } from '../trigger.ts'
import { describeHttp } from './http.ts'
import { describeInferredHttpResult } from './http-result.ts'
import { requestHeaders } from './request-headers.ts'

export interface PayloadV2Names {
  readonly source: string
  /** First part of the carriers' names. */
  readonly carriers: string
  readonly route?: string | undefined
  readonly isSmall: boolean
}

export function describePayloadV2(event: EventFields, names: PayloadV2Names): Trigger {
  const context = fieldsOf(event.requestContext)
  const http = fieldsOf(context.http)
  const { read, carriers } = requestHeaders(event, names.carriers, names.isSmall)
  return describeHttp({
    source: names.source,
    method: http.method,
    route: names.route,
    path: event.rawPath,
    scheme: read('x-forwarded-proto') ?? 'https',
    clientAddress: http.sourceIp,
    userAgent: http.userAgent ?? read('user-agent'),
    serverAddress: context.domainName,
    carriers,
    describeResult: describeInferredHttpResult,
  })
}

// API Gateway: REST APIs (and HTTP APIs with payload format 1.0, which send the same shape) and HTTP APIs with
// payload format 2.0.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html

import { fieldsOf } from './fields.ts'
import { isFunctionUrlDomain } from './function-url.ts'
import { describeHttp } from './http.ts'
import { describeHttpResult } from './http-result.ts'
import { describePayloadV2 } from './payload-v2.ts'
import { requestHeaders } from './request-headers.ts'
import type { TriggerSource } from './trigger.ts'

export const apiGatewayRest: TriggerSource = {
  name: 'api-gateway-rest',
  detect: event =>
    typeof event.httpMethod === 'string' &&
    typeof event.resource === 'string' &&
    typeof fieldsOf(event.requestContext).stage === 'string',
  describe: event => {
    const context = fieldsOf(event.requestContext)
    const identity = fieldsOf(context.identity)
    const { read, carriers } = requestHeaders(event, 'apigateway')
    return describeHttp({
      source: apiGatewayRest.name,
      method: event.httpMethod,
      route: event.resource,
      path: event.path,
      scheme: read('x-forwarded-proto') ?? 'https',
      clientAddress: identity.sourceIp,
      userAgent: identity.userAgent ?? read('user-agent'),
      serverAddress: context.domainName,
      carriers,
      describeResult: describeHttpResult,
    })
  },
}

export const apiGatewayHttp: TriggerSource = {
  name: 'api-gateway-http',
  detect: event =>
    event.version === '2.0' &&
    typeof event.rawPath === 'string' &&
    !isFunctionUrlDomain(fieldsOf(event.requestContext).domainName),
  describe: event =>
    describePayloadV2(event, {
      source: apiGatewayHttp.name,
      carriers: 'apigateway',
      route: routeOf(event.routeKey),
    }),
}

/** `POST /orders/{id}` or `ANY /orders` -> the template; the route `$default` matched nothing and has none. */
const routeOf = (routeKey: unknown): string | undefined =>
  typeof routeKey === 'string' ? routeKey.slice(routeKey.indexOf(' ') + 1) : undefined

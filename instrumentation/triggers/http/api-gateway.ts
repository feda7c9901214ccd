// API Gateway: REST APIs (and HTTP APIs with payload format 1.0, which send the same shape) and HTTP APIs with
// payload format 2.0.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html

import type { NamedCarrier } from '../../propagation/carrier.ts'
import { fieldsOf } from '../fields.ts'
import { authorizerCarriers } from '../messages/message-attributes.ts'
import type { TriggerSource } from '../trigger.ts'
import { isFunctionUrlDomain } from './function-url.ts'
import { gatewayHop } from './gateway-hop.ts'
import { describeHttp } from './http.ts'
import { describeHttpResult } from './http-result.ts'
import { describePayloadV2 } from './payload-v2.ts'
import { requestHeaders } from './request-headers.ts'

export const apiGatewayRest: TriggerSource = {
  name: 'api-gateway-rest',
  detect: event =>
    typeof event.httpMethod === 'string' &&
    typeof event.resource === 'string' &&
    typeof fieldsOf(event.requestContext).stage === 'string',
  describe: (event, { isSmall }) => {
    const context = fieldsOf(event.requestContext)
    const identity = fieldsOf(context.identity)
    const { read, carriers } = requestHeaders(event, 'apigateway', isSmall)
    const trigger = describeHttp({
      source: apiGatewayRest.name,
      method: event.httpMethod,
      route: event.resource,
      path: event.path,
      scheme: read('x-forwarded-proto') ?? 'https',
      clientAddress: identity.sourceIp,
      userAgent: identity.userAgent ?? read('user-agent'),
      serverAddress: context.domainName,
      carriers: [...carriers, ...carriersOf(context.authorizer)],
      describeResult: describeHttpResult,
    })
    return { ...trigger, hops: () => [gatewayHop(trigger, context, context.requestTimeEpoch)] }
  },
}

export const apiGatewayHttp: TriggerSource = {
  name: 'api-gateway-http',
  detect: event =>
    event.version === '2.0' &&
    typeof event.rawPath === 'string' &&
    !isFunctionUrlDomain(fieldsOf(event.requestContext).domainName),
  describe: (event, { isSmall }) => {
    const context = fieldsOf(event.requestContext)
    const trigger = describePayloadV2(event, {
      source: apiGatewayHttp.name,
      carriers: 'apigateway',
      route: routeOf(event.routeKey),
      isSmall,
    })
    const inner = carriersOf(fieldsOf(context.authorizer).lambda)
    return {
      ...trigger,
      carriers: [...trigger.carriers, ...inner],
      hops: () => [gatewayHop(trigger, context, context.timeEpoch)],
    }
  },
}

const carriersOf = (authorizer: unknown): readonly NamedCarrier[] =>
  typeof authorizer === 'object' && authorizer !== null
    ? authorizerCarriers('apigateway.authorizer', authorizer)
    : []

/** `POST /orders/{id}` or `ANY /orders` -> the template; the route `$default` matched nothing and has none. */
const routeOf = (routeKey: unknown): string | undefined =>
  typeof routeKey === 'string' ? routeKey.slice(routeKey.indexOf(' ') + 1) : undefined

// Lambda authorizers of API Gateway. Their events look like those of the API itself, and stand before those in the
// table. An event of the kind TOKEN tells of the request only by an ARN with the path in it, ids and all: of that the
// method is taken. https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html

import { ATTR_AWS_REQUEST_ID } from '../../semconv.ts'
import { type EventFields, fieldsOf, nameOf, resourceOf } from '../fields.ts'
import { NOTHING_KNOWN, type TriggerSource } from '../trigger.ts'
import { describeHttp } from './http.ts'
import { requestHeaders } from './request-headers.ts'

export const authorizer: TriggerSource = {
  name: 'api-gateway-authorizer',
  detect: event =>
    (event.type === 'REQUEST' || event.type === 'TOKEN') &&
    (typeof event.methodArn === 'string' || typeof event.routeArn === 'string'),
  describe: (event, { isSmall }) => {
    const context = fieldsOf(event.requestContext)
    const http = fieldsOf(context.http)
    const identity = fieldsOf(context.identity)
    const { read, carriers } = requestHeaders(event, 'authorizer', isSmall)
    const trigger = describeHttp({
      source: authorizer.name,
      method: event.httpMethod ?? http.method ?? methodOf(event.methodArn),
      route: routeOf(event),
      path: event.path ?? event.rawPath,
      scheme: read('x-forwarded-proto') ?? 'https',
      clientAddress: identity.sourceIp ?? http.sourceIp,
      userAgent: identity.userAgent ?? http.userAgent ?? read('user-agent'),
      serverAddress: context.domainName,
      carriers,
      describeResult: () => NOTHING_KNOWN,
    })
    return {
      ...trigger,
      // Not the request itself, which has a span of its own: what is asked is whether it may be made.
      spanName: `authorize ${trigger.spanName}`,
      attributes: { ...trigger.attributes, [ATTR_AWS_REQUEST_ID]: nameOf(context.requestId) },
    }
  },
}

/** `API/STAGE/METHOD/path…` */
const methodOf = (methodArn: unknown): string | undefined => resourceOf(methodArn)?.split('/', 3)[2]

function routeOf({ resource, routeKey }: EventFields): unknown {
  if (typeof resource === 'string') return resource
  return typeof routeKey === 'string' ? routeKey.slice(routeKey.indexOf(' ') + 1) : undefined
}

// Lambda function URLs: payload format 2.0 as of API Gateway, told apart by their domain; they have no routes.
// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html

import { fieldsOf, MAX_NAME_LENGTH, textOf } from './fields.ts'
import { describeHttp } from './http.ts'
import { describeInferredHttpResult } from './http-result.ts'
import { requestHeaders } from './request-headers.ts'
import type { TriggerSource } from './trigger.ts'

/** True for `<url-id>.lambda-url.<region>.on.aws`. */
export const isFunctionUrlDomain = (domainName: unknown): boolean =>
  textOf(domainName, MAX_NAME_LENGTH)?.includes('.lambda-url.') === true

export const functionUrl: TriggerSource = {
  name: 'function-url',
  detect: event => isFunctionUrlDomain(fieldsOf(event.requestContext).domainName),
  describe: event => {
    const context = fieldsOf(event.requestContext)
    const http = fieldsOf(context.http)
    const { read, carriers } = requestHeaders(event, 'function-url')
    return describeHttp({
      source: functionUrl.name,
      method: http.method,
      path: event.rawPath,
      scheme: read('x-forwarded-proto') ?? 'https',
      clientAddress: http.sourceIp,
      userAgent: http.userAgent ?? read('user-agent'),
      serverAddress: context.domainName,
      carriers,
      describeResult: describeInferredHttpResult,
    })
  },
}

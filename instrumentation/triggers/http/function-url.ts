// Lambda function URLs: payload format 2.0 as of API Gateway, told apart by their domain; they have no routes.
// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html

import { fieldsOf, MAX_NAME_LENGTH, textOf } from '../fields.ts'
import type { TriggerSource } from '../trigger.ts'
import { urlHop } from './gateway-hop.ts'
import { describePayloadV2 } from './payload-v2.ts'

/** True for `<url-id>.lambda-url.<region>.on.aws`. */
export const isFunctionUrlDomain = (domainName: unknown): boolean =>
  textOf(domainName, MAX_NAME_LENGTH)?.includes('.lambda-url.') === true

export const functionUrl: TriggerSource = {
  name: 'function-url',
  detect: event => isFunctionUrlDomain(fieldsOf(event.requestContext).domainName),
  describe: (event, { isSmall }) => {
    const context = fieldsOf(event.requestContext)
    const names = { source: functionUrl.name, carriers: 'function-url', isSmall }
    const trigger = describePayloadV2(event, names)
    return { ...trigger, hops: () => [urlHop(trigger, context, context.timeEpoch)] }
  },
}

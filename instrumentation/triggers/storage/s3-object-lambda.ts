// S3 Object Lambda: the function answers a GetObject, whose caller's headers are handed on.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/olap-event-context.html

import { headerCarriers } from '../../propagation/carrier.ts'
import {
  ATTR_FAAS_DOCUMENT_COLLECTION,
  ATTR_FAAS_TRIGGER,
  ATTR_USER_AGENT_ORIGINAL,
} from '../../semconv.ts'
import { SPAN_KIND_SERVER } from '../../trace/span-kind.ts'
import { fieldsOf, MAX_TEXT_LENGTH, resourceOf, textOf } from '../fields.ts'
import { describeHttpResult } from '../http/http-result.ts'
import type { TriggerSource } from '../trigger.ts'

export const s3ObjectLambda: TriggerSource = {
  name: 's3-object-lambda',
  detect: event =>
    ['getObjectContext', 'headObjectContext', 'listObjectsV2Context'].some(
      field => typeof event[field] === 'object' && event[field] !== null,
    ),
  describe: (event, { isSmall }) => {
    const { headers } = fieldsOf(event.userRequest)
    const point = resourceOf(fieldsOf(event.configuration).accessPointArn)
    const name = point?.slice(point.indexOf('/') + 1)
    const operation = operationOf(event)
    const agent = headerCarriers('', headers, isSmall)[0]?.carrier('user-agent')
    return {
      source: s3ObjectLambda.name,
      faasTrigger: 'datasource',
      spanName: name === undefined ? operation : `${name} ${operation}`,
      spanKind: SPAN_KIND_SERVER,
      attributes: {
        [ATTR_FAAS_TRIGGER]: 'datasource',
        [ATTR_FAAS_DOCUMENT_COLLECTION]: name,
        [ATTR_USER_AGENT_ORIGINAL]: textOf(agent, MAX_TEXT_LENGTH),
      },
      carriers: headerCarriers('s3-object-lambda.headers', headers, isSmall),
      describeResult: describeHttpResult,
    }
  },
}

function operationOf(event: Readonly<Record<string, unknown>>): string {
  if (event.getObjectContext !== undefined) return 'GetObject'
  return event.headObjectContext === undefined ? 'ListObjectsV2' : 'HeadObject'
}

// CodeCommit: references of a repository changed.
// https://docs.aws.amazon.com/lambda/latest/dg/services-codecommit.html

import { ATTR_FAAS_DOCUMENT_COLLECTION, ATTR_FAAS_DOCUMENT_TIME } from '../../semconv.ts'
import { describeBatch, mapRecords } from '../batch.ts'
import { fieldsOf, listOf, nameOf, resourceOf } from '../fields.ts'
import type { TriggerSource } from '../trigger.ts'

export const codeCommit: TriggerSource = {
  name: 'codecommit',
  detect: event => fieldsOf(listOf(event.Records)[0]).eventSource === 'aws:codecommit',
  describe: event => {
    const list = listOf(event.Records)
    const { eventSourceARN, eventName, eventTime } = fieldsOf(list[0])
    const repository = resourceOf(eventSourceARN)
    const name = nameOf(eventName) ?? 'event'
    return describeBatch({
      source: codeCommit.name,
      faasTrigger: 'datasource',
      spanName: repository === undefined ? name : `${repository} ${name}`,
      attributes: { [ATTR_FAAS_DOCUMENT_COLLECTION]: repository },
      ownAttributes: { [ATTR_FAAS_DOCUMENT_TIME]: nameOf(eventTime) },
      lists: [list],
      records: mapRecords([list], value => ({
        value,
        id: nameOf(fieldsOf(value).eventId),
        carriers: () => [],
        describe: () => ({}),
      })),
    })
  },
}

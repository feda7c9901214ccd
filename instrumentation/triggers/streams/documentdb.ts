// DocumentDB change streams. There is no carrier in them but what a writer left in the document.
// https://docs.aws.amazon.com/lambda/latest/dg/with-documentdb.html

import { mapCarriers } from '../../propagation/carrier.ts'
import { ATTR_FAAS_DOCUMENT_COLLECTION, ATTR_FAAS_DOCUMENT_OPERATION } from '../../semconv.ts'
import { describeBatch, mapRecords } from '../batch.ts'
import { type EventFields, fieldsOf, listOf, nameOf } from '../fields.ts'
import type { BatchRecord, TriggerSource } from '../trigger.ts'

export const documentDb: TriggerSource = {
  name: 'documentdb',
  detect: event => event.eventSource === 'aws:docdb',
  describe: event => {
    const list = listOf(event.events)
    const change = changeOf(list[0])
    const { coll } = fieldsOf(change.ns)
    const collection = nameOf(coll)
    const operation = nameOf(change.operationType) ?? 'change'
    return describeBatch({
      source: documentDb.name,
      faasTrigger: 'datasource',
      spanName: collection === undefined ? operation : `${collection} ${operation}`,
      attributes: { [ATTR_FAAS_DOCUMENT_COLLECTION]: collection },
      ownAttributes: { [ATTR_FAAS_DOCUMENT_OPERATION]: operationOf(operation) },
      lists: [list],
      records: mapRecords([list], readRecord),
      isOrdered: true,
    })
  },
}

const changeOf = (value: unknown): EventFields => fieldsOf(fieldsOf(value).event)

function operationOf(operation: string): string {
  if (operation === 'insert' || operation === 'delete') return operation
  return 'edit'
}

function readRecord(value: unknown): BatchRecord {
  const { fullDocument, _id } = changeOf(value)
  return {
    value,
    id: nameOf(fieldsOf(_id)._data),
    carriers: () => mapCarriers('documentdb.fullDocument', fullDocument),
    describe: () => ({}),
  }
}

// S3 Batch Operations: one task at a time, and an answer for each.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-invoke-lambda.html

import { ATTR_FAAS_DOCUMENT_COLLECTION, ATTR_FAAS_DOCUMENT_NAME } from '../../semconv.ts'
import { describeBatch, mapRecords } from '../batch.ts'
import { readRecordResults } from '../batch-result.ts'
import { type EventFields, fieldsOf, listOf, nameOf, resourceOf } from '../fields.ts'
import type { TriggerSource } from '../trigger.ts'
import { decodeKey } from './object.ts'

export const s3Batch: TriggerSource = {
  name: 's3-batch',
  detect: event => Array.isArray(event.tasks) && typeof event.invocationSchemaVersion === 'string',
  describe: event => {
    const tasks = listOf(event.tasks)
    const task = fieldsOf(tasks[0])
    const bucket = bucketOf(task)
    const trigger = describeBatch({
      source: s3Batch.name,
      faasTrigger: 'datasource',
      spanName: bucket === undefined ? 'batch' : `${bucket} batch`,
      attributes: { [ATTR_FAAS_DOCUMENT_COLLECTION]: bucket },
      lists: [tasks],
      records: mapRecords([tasks], value => ({
        value,
        id: nameOf(fieldsOf(value).taskId),
        carriers: () => [],
        describe: () => ({ [ATTR_FAAS_DOCUMENT_NAME]: decodeKey(fieldsOf(value).s3Key) }),
      })),
    })
    return {
      ...trigger,
      describeResult: result => readTaskResults(result, tasks.length),
    }
  },
}

/** Schema 1.0 has an ARN, 2.0 a name. */
const bucketOf = (task: EventFields): string | undefined =>
  nameOf(task.s3Bucket) ?? resourceOf(task.s3BucketArn)

function readTaskResults(result: unknown, count: number): ReturnType<typeof readRecordResults> {
  return readRecordResults(result, count, each => {
    const { resultCode, taskId } = fieldsOf(each)
    return resultCode === 'Succeeded' ? undefined : nameOf(taskId)
  })
}

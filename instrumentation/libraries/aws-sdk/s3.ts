// S3: https://opentelemetry.io/docs/specs/semconv/object-stores/s3/. Most requests name their operation (`x-id`); the
// others are told by method and query.
import { ATTR_POINTER, s3Pointer } from '../../propagation/pointer.ts'
import {
  ATTR_AWS_S3_BUCKET,
  ATTR_AWS_S3_COPY_SOURCE,
  ATTR_AWS_S3_KEY,
  ATTR_AWS_S3_PART_NUMBER,
  ATTR_AWS_S3_UPLOAD_ID,
} from '../../semconv.ts'
import { childOf, type Fields, numberOf, textOf } from '../fields.ts'
import type { AwsService, WireCall } from './service.ts'
import { decodePath, type WireRequest } from './wire-request.ts'

/** After these there is an object of which both sides know the entity tag. */
const WRITES = ['PutObject', 'CopyObject', 'CompleteMultipartUpload']

export const s3: AwsService = {
  id: 'S3',

  describe: ({ input }, set) => {
    set(ATTR_AWS_S3_BUCKET, textOf(input, 'Bucket'))
    set(ATTR_AWS_S3_KEY, textOf(input, 'Key'))
    set(ATTR_AWS_S3_COPY_SOURCE, textOf(input, 'CopySource'))
    set(ATTR_AWS_S3_UPLOAD_ID, textOf(input, 'UploadId'))
    set(ATTR_AWS_S3_PART_NUMBER, numberOf(input, 'PartNumber'))
  },

  describeAnswer({ operation = '', input }, output, set) {
    const bucket = textOf(input, 'Bucket')
    const key = textOf(input, 'Key')
    const etag = textOf(output, 'ETag') ?? textOf(childOf(output, 'CopyObjectResult'), 'ETag')
    if (!bucket || !key || !etag || !WRITES.includes(operation)) return
    set(ATTR_POINTER, s3Pointer(bucket, key, etag.replaceAll('"', '')))
  },

  readRequest(request) {
    const input = readInput(request)
    return { operation: request.query('x-id') ?? operationOf(request, input), input }
  },

  readAnswer: header => ({ ETag: header('etag') }),
}

/** `BUCKET.s3.REGION.amazonaws.com/KEY`, or the bucket as the first part of the path. */
function readInput(request: WireRequest): Fields {
  const { host, path } = request
  const at = host.endsWith('.amazonaws.com') ? findService(host) : -1
  const inHost = at > 0 ? host.slice(0, at) : undefined
  const rest = path.slice(1)
  const slash = rest.indexOf('/')
  const inPath = slash === -1 ? rest : rest.slice(0, slash)
  const key = inHost === undefined ? (slash === -1 ? '' : rest.slice(slash + 1)) : rest
  const part = request.query('partNumber')
  return {
    Bucket: (inHost ?? decodePath(inPath)) || undefined,
    Key: decodePath(key) || undefined,
    CopySource: request.header('x-amz-copy-source'),
    UploadId: request.query('uploadId'),
    PartNumber: part === undefined ? undefined : Number(part),
  }
}

function findService(host: string): number {
  const dotted = host.lastIndexOf('.s3.')
  return dotted === -1 ? host.lastIndexOf('.s3-') : dotted
}

/** Operations that no `x-id` names, by method and by what the query has; the first that fits counts. */
const BY_QUERY: readonly (readonly [method: string, parameter: string, operation: string])[] = [
  ['POST', 'uploads', 'CreateMultipartUpload'],
  ['POST', 'uploadId', 'CompleteMultipartUpload'],
  ['POST', 'delete', 'DeleteObjects'],
  ['GET', 'list-type', 'ListObjectsV2'],
  ['GET', 'uploadId', 'ListParts'],
  ['PUT', 'partNumber', 'UploadPart'],
  ['DELETE', 'uploadId', 'AbortMultipartUpload'],
]
/** By method and by what the path names: nothing, a bucket, or an object in it. */
const BY_PATH: Readonly<Record<string, string>> = {
  'GET /': 'ListBuckets',
  'GET bucket': 'ListObjects',
  'PUT bucket': 'CreateBucket',
  'HEAD bucket': 'HeadBucket',
  'DELETE bucket': 'DeleteBucket',
  'GET object': 'GetObject',
  'PUT object': 'PutObject',
  'HEAD object': 'HeadObject',
  'DELETE object': 'DeleteObject',
}

function operationOf(request: WireRequest, input: Fields): WireCall['operation'] {
  const found = BY_QUERY.find(
    ([method, parameter]) => method === request.method && request.query(parameter) !== undefined,
  )
  if (found !== undefined) return found[2]
  // Settings of a bucket or an object (`?acl`, `?policy`, …): a query without a value.
  if (request.hasBareQuery) return undefined
  if (request.method === 'PUT' && input.CopySource !== undefined) return 'CopyObject'
  const place = input.Key !== undefined ? 'object' : input.Bucket !== undefined ? 'bucket' : '/'
  return BY_PATH[`${request.method} ${place}`]
}

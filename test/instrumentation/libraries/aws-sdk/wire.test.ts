// Requests to AWS as they stand on the wire: what is read out of them, and that nothing hostile makes it throw.
import t from 'tap'
import { readAwsRequest } from '../../../../instrumentation/libraries/aws-sdk/wire.ts'
import type {
  KnownRequest,
  ReadHeader,
  SetAttribute,
} from '../../../../instrumentation/libraries/http-span.ts'
import {
  SPAN_KIND_CLIENT,
  SPAN_KIND_PRODUCER,
} from '../../../../instrumentation/trace/span-kind.ts'

interface Given {
  readonly method?: string
  readonly host?: string
  readonly path?: string
  /** Signed for; `undefined` is not signed at all. */
  readonly scope?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
}

const collect = (describe: (set: SetAttribute) => void): Record<string, unknown> => {
  const attributes: Record<string, unknown> = {}
  describe((name, value) => {
    attributes[name] = value
  })
  return attributes
}
const attributesOf = (request: KnownRequest | undefined): Record<string, unknown> =>
  collect(set => request?.describe(set))
const answerOf = (request: KnownRequest | undefined, header: ReadHeader): Record<string, unknown> =>
  collect(set => request?.describeAnswer(header, set))

function read({
  method = 'POST',
  host = 'x.amazonaws.com',
  path = '/',
  scope,
  headers = {},
}: Given): KnownRequest | undefined {
  const all: Record<string, string> = { ...headers }
  if (scope !== undefined)
    all.authorization = `AWS4-HMAC-SHA256 Credential=AKID/20261125/${scope}/aws4_request, SignedHeaders=host, Signature=00`
  return readAwsRequest(
    { method, protocol: 'https:', host, port: undefined, path },
    { get: name => all[name], set: () => t.fail('a header was changed') },
  )
}

const CASES: readonly (readonly [name: string, given: Given])[] = [
  [
    'DynamoDB.GetItem',
    { scope: 'eu-west-1/dynamodb', headers: { 'x-amz-target': 'DynamoDB_20120810.GetItem' } },
  ],
  ['KMS.Decrypt', { scope: 'eu-west-1/kms', headers: { 'x-amz-target': 'TrentService.Decrypt' } }],
  [
    'SSM.GetParameter',
    { scope: 'eu-west-1/ssm', headers: { 'x-amz-target': 'AmazonSSM.GetParameter' } },
  ],
  [
    'CloudWatch.PutMetricData',
    {
      scope: 'eu-west-1/monitoring',
      path: '/service/GraniteServiceVersion20100801/operation/PutMetricData',
    },
  ],
  ['STS', { scope: 'eu-west-1/sts' }],
  ['something-new', { scope: 'eu-west-1/something-new' }],
  [
    'Bedrock Runtime.Converse',
    {
      path: '/model/a%3A0/converse',
      headers: { 'user-agent': 'aws-sdk-js/3.1164.0 api/bedrock-runtime#3.1164.0' },
    },
  ],
  [
    'Bedrock Runtime.InvokeModelWithResponseStream',
    { scope: 'eu-west-1/bedrock', path: '/model/a/invoke-with-response-stream' },
  ],
  [
    'Lambda.Invoke',
    { scope: 'eu-west-1/lambda', path: '/2015-03-31/functions/f/invocations?Qualifier=1' },
  ],
  ['Lambda', { scope: 'eu-west-1/lambda', path: '/2031-01-01/things' }],
  ['Scheduler.CreateSchedule', { scope: 'eu-west-1/scheduler', path: '/schedules/s' }],
  [
    'SESv2.SendEmail',
    {
      path: '/v2/email/outbound-emails',
      headers: { 'user-agent': 'aws-sdk-js/3.1 api/sesv2#3.1' },
    },
  ],
  ['S3.ListBuckets', { scope: 'eu-west-1/s3', method: 'GET' }],
  ['S3.ListObjects', { scope: 'eu-west-1/s3', method: 'GET', path: '/b/' }],
  ['S3.ListObjectsV2', { scope: 'eu-west-1/s3', method: 'GET', path: '/b?list-type=2' }],
  ['S3.CreateBucket', { scope: 'eu-west-1/s3', method: 'PUT', path: '/b' }],
  ['S3.HeadObject', { scope: 'eu-west-1/s3', method: 'HEAD', path: '/b/k' }],
  [
    'S3.CopyObject',
    { scope: 'eu-west-1/s3', method: 'PUT', path: '/b/k', headers: { 'x-amz-copy-source': 'a/b' } },
  ],
  ['S3.UploadPart', { scope: 'eu-west-1/s3', method: 'PUT', path: '/b/k?partNumber=2&uploadId=u' }],
  ['S3.CreateMultipartUpload', { scope: 'eu-west-1/s3', path: '/b/k?uploads' }],
  ['S3.CompleteMultipartUpload', { scope: 'eu-west-1/s3', path: '/b/k?uploadId=u' }],
  ['S3.AbortMultipartUpload', { scope: 'eu-west-1/s3', method: 'DELETE', path: '/b/k?uploadId=u' }],
  ['S3.DeleteObjects', { scope: 'eu-west-1/s3', path: '/b?delete=' }],
  [
    'S3.SelectObjectContent',
    { scope: 'eu-west-1/s3', path: '/b/k?x-id=SelectObjectContent&select' },
  ],
  ['S3', { scope: 'eu-west-1/s3', method: 'GET', path: '/b?acl' }],
]

for (const [name, given] of CASES) {
  t.test(`${name} by ${given.method ?? 'POST'} ${given.path ?? '/'}`, t => {
    t.equal(read(given)?.name, name)
    t.end()
  })
}

t.test('a bucket in the host name, and a key with all that URLs escape', t => {
  const request = read({
    scope: 'eu-west-1/s3',
    method: 'GET',
    host: 'my.bucket.s3.eu-west-1.amazonaws.com',
    path: '/a%20b/c%2Bd?x-id=GetObject',
  })
  t.match(attributesOf(request), {
    'aws.s3.bucket': 'my.bucket',
    'aws.s3.key': 'a b/c+d',
    'cloud.region': 'eu-west-1',
  })
  t.end()
})

t.test('what was put into S3 has the pointer that its event will have', t => {
  const request = read({ scope: 'eu-west-1/s3', method: 'PUT', path: '/b/k?x-id=PutObject' })
  t.match(
    answerOf(request, name => (name === 'etag' ? '"abc"' : undefined))['baton.pointer'],
    /^[0-9a-f]+$/,
  )
  t.equal(answerOf(request, () => undefined)['baton.pointer'], undefined)
  t.end()
})

t.test('sends are of kind PRODUCER', t => {
  const target = (name: string): Given => ({
    scope: 'eu-west-1/sqs',
    headers: { 'x-amz-target': name },
  })
  t.equal(read(target('AmazonSQS.SendMessage'))?.kind, SPAN_KIND_PRODUCER)
  t.equal(read(target('AmazonSQS.ReceiveMessage'))?.kind, SPAN_KIND_CLIENT)
  t.end()
})

t.test('an error is named by its header, without what follows its name', t => {
  const request = read({ scope: 'eu-west-1/lambda' })
  const answer = answerOf(request, name =>
    name === 'x-amzn-errortype' ? 'TooManyRequestsException:http://x/' : undefined,
  )
  t.equal(answer['error.type'], 'TooManyRequestsException')
  t.end()
})

t.test('signatures that are none, and signatures for several regions', t => {
  const sign = (authorization: string): KnownRequest | undefined =>
    read({ headers: { authorization } })
  for (const text of [
    '',
    'AWS4-HMAC-SHA256',
    'AWS4-HMAC-SHA256 Credential=',
    'AWS4-HMAC-SHA256 Credential=a/b',
    'Credential=/,/',
  ])
    t.equal(sign(text), undefined, text)
  const several = sign(
    'AWS4-ECDSA-P256-SHA256 Credential=AKID/20261125/s3/aws4_request, SignedHeaders=host',
  )
  t.equal(several?.name, 'S3')
  t.equal(attributesOf(several)['cloud.region'], undefined)
  t.end()
})

t.test('names that every object has are no services', t => {
  for (const name of ['constructor', '__proto__', 'toString']) {
    t.equal(read({ scope: `eu-west-1/${name}` })?.name, name)
  }
  t.equal(
    attributesOf(read({ scope: 'eu-west-1/s3', method: 'GET', path: '/%E0%A4%A/%' }))[
      'aws.s3.bucket'
    ],
    '%E0%A4%A',
  )
  t.end()
})

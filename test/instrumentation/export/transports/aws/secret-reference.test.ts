// Where a secret is kept, as an option may say it.
import t from 'tap'
import {
  parseSecretHeader,
  parseSecretReference,
} from '../../../../../instrumentation/export/transports/aws/secret-reference.ts'

const SECRET = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/otlp-AbCdEf'
const PARAMETER = 'arn:aws-cn:ssm:cn-north-1:123456789012:parameter/prod/otlp'

for (const [text, store, id, region, key] of [
  [SECRET, 'secretsmanager', SECRET, 'eu-west-1', undefined],
  [`${SECRET}#api_key`, 'secretsmanager', SECRET, 'eu-west-1', 'api_key'],
  [PARAMETER, 'ssm', PARAMETER, 'cn-north-1', undefined],
  ['secretsmanager:prod/otlp', 'secretsmanager', 'prod/otlp', undefined, undefined],
  ['ssm:/prod/otlp', 'ssm', '/prod/otlp', undefined, undefined],
  ['ssm:/prod/otlp:3#a b', 'ssm', '/prod/otlp:3', undefined, 'a b'],
] as const) {
  t.test(`"${text}" names a secret`, async t => {
    t.strictSame(parseSecretReference(text), { store, id, region, key })
  })
}

for (const text of [
  '',
  'ssm:',
  'ssm:/a b',
  'ssm:/a#',
  's3:/bucket/key',
  'api-key=s3cret',
  'arn:aws:s3:::bucket/key',
  'arn:aws:secretsmanager:eu-west-1:1234:secret:x',
  'arn:aws:secretsmanager:eu-west-1:123456789012:parameter/x',
  'arn:aws:ssm:eu-west-1:123456789012:document/x',
]) {
  t.test(`"${text}" names no secret`, async t => {
    t.equal(parseSecretReference(text), undefined)
  })
}

t.test('words before the place are kept', async t => {
  t.match(parseSecretHeader('authorization', 'Bearer ssm:/token'), {
    name: 'authorization',
    prefix: 'Bearer ',
    reference: { store: 'ssm', id: '/token' },
  })
  t.match(parseSecretHeader('api-key', 'ssm:/token'), { prefix: '' })
  t.equal(parseSecretHeader('api-key', 'Bearer s3cret'), undefined)
})

// What is secret, or says where a secret is kept: read, and never shown.
import { inspect } from 'node:util'
import t from 'tap'
import { type Environment, readConfig } from '../../bootstrap/config.ts'
import { exporterSettings } from '../../bootstrap/tracing-options.ts'

const REQUIRED = { AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001', _HANDLER: 'index.handler' }
const read = (environment: Environment) => readConfig({ ...REQUIRED, ...environment })
const print = (value: unknown): string =>
  `${inspect(value, { depth: null, showHidden: true })}${JSON.stringify(value)}`

const KEYS = {
  AWS_ACCESS_KEY_ID: 's3cret-id',
  AWS_SECRET_ACCESS_KEY: 's3cret-key',
  AWS_SESSION_TOKEN: 's3cret-session',
  AWS_CONTAINER_AUTHORIZATION_TOKEN: 's3cret-container',
}

t.test(
  'credentials are read, and do not show when the config or the options are printed',
  async t => {
    const { config, warnings } = read({ ...KEYS, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1' })
    t.strictSame(warnings, [])
    t.equal(config.accessKeyId?.reveal(), 's3cret-id')
    const [exporter] = exporterSettings(config)
    if (exporter?.name !== 'otlp') throw new Error('expected otlp')
    const { otlp } = exporter
    t.strictSame(otlp.aws.credentials.fixed?.reveal(), {
      accessKeyId: 's3cret-id',
      secretAccessKey: 's3cret-key',
      sessionToken: 's3cret-session',
    })
    t.notMatch(print(config), /s3cret/)
    t.notMatch(print(otlp), /s3cret/)
  },
)

t.test('what no collector can be asked for means the default, and one warning', async t => {
  const { config, warnings } = read({
    OTEL_EXPORTER_OTLP_COMPRESSION: 'zstd',
    AWS_CONTAINER_CREDENTIALS_FULL_URI: '/creds',
  })
  t.match(config, { compression: 'none', credentialsUrl: undefined })
  t.strictSame(warnings, [
    'OTEL_EXPORTER_OTLP_COMPRESSION: expected none or gzip, got "zstd"; the default, none, is used',
    'AWS_CONTAINER_CREDENTIALS_FULL_URI: expected an http:// or https:// URL, got "/creds"; the default is used',
  ])
})

const PLACE =
  'ssm:NAME, secretsmanager:NAME or the ARN of a parameter or secret, with #key for a field of JSON'

t.test('a key that was put where its place belongs is not quoted', async t => {
  const { config, warnings } = read({
    BATON_SECRET_OTLP_HEADERS: 'api-key=s3cret',
    BATON_SECRET_HEADERS: 'api-key=s3cret',
  })
  t.match(config, { secretOtlpHeaders: undefined, secretHeaders: undefined })
  t.strictSame(warnings, [
    `BATON_SECRET_OTLP_HEADERS: expected ${PLACE}, got something else; the default is used`,
    `BATON_SECRET_HEADERS: expected header=PLACE pairs joined by commas, each PLACE ${PLACE}, got something else; the default is used`,
  ])
})

t.test('places are read: one for all headers, or one for each', async t => {
  const { config, warnings } = read({
    BATON_SECRET_OTLP_HEADERS: 'secretsmanager:prod/otlp#headers',
    BATON_SECRET_HEADERS: 'x-api-key=ssm:/otlp/key, authorization=Bearer%20ssm:token',
  })
  t.strictSame(warnings, [])
  t.strictSame(config.secretOtlpHeaders, {
    store: 'secretsmanager',
    id: 'prod/otlp',
    region: undefined,
    key: 'headers',
  })
  t.strictSame(
    config.secretHeaders?.map(({ name, prefix, reference }) => [name, prefix, reference.id]),
    [
      ['x-api-key', '', '/otlp/key'],
      ['authorization', 'Bearer ', 'token'],
    ],
  )
})

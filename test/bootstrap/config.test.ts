// Options out of an environment: what is required, what falls back, what stops the start and what is only warned of.
import { inspect } from 'node:util'
import t, { type Test } from 'tap'
import { type Config, type Environment, OPTIONS, readConfig } from '../../bootstrap/config.ts'
import { Secret } from '../../bootstrap/values.ts'

const REQUIRED = { AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001', _HANDLER: 'index.handler' }

const DEFAULTS = {
  runtimeApi: { host: '127.0.0.1', port: 9001 },
  handler: 'index.handler',
  taskRoot: undefined,
  functionName: undefined,
  functionVersion: undefined,
  memoryMb: undefined,
  logGroupName: undefined,
  logStreamName: undefined,
  region: undefined,
  logFormat: 'text',
  logLevel: 'TRACE',
  isGlobalHidden: false,
  isDisabled: false,
  exporters: ['otlp'],
  endpoint: undefined,
  tracesEndpoint: undefined,
  protocol: 'http/protobuf',
  headers: undefined,
  exportTimeoutMs: 10_000,
  maxQueueSize: 2048,
  serviceName: undefined,
  resourceAttributes: {},
  attributeCountLimit: 128,
  attributeValueLengthLimit: 8192,
  eventCountLimit: 128,
  linkCountLimit: 128,
}

/** Option by option: those that are added later have tests of their own. */
function expectDefaults(t: Test, config: Config): void {
  for (const [key, value] of Object.entries(DEFAULTS)) {
    t.strictSame(Reflect.get(config, key), value, key)
  }
}

const read = (environment: Environment) => readConfig({ ...REQUIRED, ...environment })

t.test('the two required options are enough; all others have their defaults', async t => {
  const { config, warnings } = readConfig(REQUIRED)
  expectDefaults(t, config)
  t.strictSame(warnings, [])
  t.ok(Object.isFrozen(config))
})

t.test('every option is read, from its own variable', async t => {
  const { config, warnings } = readConfig({
    AWS_LAMBDA_RUNTIME_API: 'localhost:1',
    _HANDLER: 'h.h',
    LAMBDA_TASK_ROOT: '/var/task',
    AWS_LAMBDA_FUNCTION_NAME: 'fn',
    AWS_LAMBDA_FUNCTION_VERSION: '7',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
    AWS_LAMBDA_LOG_GROUP_NAME: 'group',
    AWS_LAMBDA_LOG_STREAM_NAME: 'stream',
    AWS_REGION: 'eu-central-1',
    AWS_LAMBDA_LOG_FORMAT: 'JSON',
    AWS_LAMBDA_LOG_LEVEL: 'warn',
    AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA: '1',
    OTEL_SDK_DISABLED: 'true',
    OTEL_TRACES_EXPORTER: 'none',
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '1',
    OTEL_BSP_MAX_QUEUE_SIZE: '2',
    OTEL_SERVICE_NAME: 'service',
    OTEL_RESOURCE_ATTRIBUTES: 'a=1,b=%20',
    OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '3',
    OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '4',
    OTEL_SPAN_EVENT_COUNT_LIMIT: '5',
    OTEL_SPAN_LINK_COUNT_LIMIT: '6',
  })
  t.strictSame(warnings, [])
  t.match(config, {
    runtimeApi: { host: 'localhost', port: 1 },
    handler: 'h.h',
    taskRoot: '/var/task',
    functionName: 'fn',
    functionVersion: '7',
    memoryMb: '512',
    logGroupName: 'group',
    logStreamName: 'stream',
    region: 'eu-central-1',
    logFormat: 'json',
    logLevel: 'WARN',
    isGlobalHidden: true,
    isDisabled: true,
    exporters: ['none'],
    exportTimeoutMs: 1,
    maxQueueSize: 2,
    serviceName: 'service',
    resourceAttributes: { a: '1', b: ' ' },
    attributeCountLimit: 3,
    attributeValueLengthLimit: 4,
    eventCountLimit: 5,
    linkCountLimit: 6,
  })
})

t.test('unset, empty and blank are the same, for every variable', async t => {
  const names = Object.values(OPTIONS).flatMap(option => option.names)
  for (const blank of [undefined, '', ' ', '\t\n']) {
    const blanks = Object.fromEntries(names.map(name => [name, blank]))
    const { config, warnings } = readConfig({ ...blanks, ...REQUIRED })
    expectDefaults(t, config)
    t.strictSame(warnings, [])
  }
})

t.test('of a list of propagators the unknown ones are named in one warning', async t => {
  const propagators = (value: string) => {
    const { config, warnings } = read({ OTEL_PROPAGATORS: value })
    return [config.propagators, warnings.length, ...warnings]
  }
  t.strictSame(propagators('B3, xray-lambda ,b3'), [['b3', 'xray-lambda'], 0])
  t.strictSame(propagators('none'), [['none'], 0])
  t.match(propagators('b3,zipkin,,"x"'), [
    ['b3'],
    1,
    /^OTEL_PROPAGATORS: expected tracecontext, .*, got "zipkin, \\"x\\""; the rest is used$/,
  ])
  t.match(propagators('zipkin'), [
    ['tracecontext', 'baggage', 'xray'],
    1,
    /got "zipkin"; the default is used$/,
  ])
})

t.test(
  'samplers: standard names and a ratio; remote ones mean the default, with one warning',
  async t => {
    const sampler = (name: string, argument = '') => {
      const { config, warnings } = read({
        OTEL_TRACES_SAMPLER: name,
        OTEL_TRACES_SAMPLER_ARG: argument,
      })
      return [config.sampler, config.samplerRatio, warnings.length]
    }
    t.strictSame(sampler(''), ['parentbased_always_on', 1, 0])
    t.strictSame(sampler('traceidratio', '0'), ['traceidratio', 0, 0])
    t.strictSame(sampler('Always_Off', '1.0'), ['always_off', 1, 0])
    for (const bad of ['-0.1', '1.1', 'half', 'NaN'])
      t.strictSame(
        sampler('parentbased_traceidratio', bad),
        ['parentbased_traceidratio', 1, 1],
        bad,
      )
    for (const remote of ['jaeger_remote', 'parentbased_jaeger_remote', 'xray'])
      t.strictSame(
        sampler(remote, 'endpoint=http://localhost:2000,pollingIntervalMs=5000'),
        ['parentbased_always_on', 1, 1],
        remote,
      )
  },
)

t.test('what is kept is a list of conditions', async t => {
  const keep = (value: string) => {
    const { config, warnings } = read({ BATON_SAMPLE_KEEP: value })
    return [config.keep, ...warnings]
  }
  const none = { errors: false, timeouts: false, coldStarts: false, slowerThanMs: undefined }
  t.strictSame(keep(''), [undefined])
  t.strictSame(keep('errors, timeouts'), [{ ...none, errors: true, timeouts: true }])
  t.strictSame(keep('cold-starts,slower-than=500,slower-than=200'), [
    { ...none, coldStarts: true, slowerThanMs: 200 },
  ])
  t.match(keep('errors,slower-than=0,slow'), [
    { ...none, errors: true },
    /^BATON_SAMPLE_KEEP: .*, got "slower-than=0, slow"; the rest is used$/,
  ])
  t.match(keep('error'), [undefined, /got "error"; the default is used$/])
})

t.test('blanks around a value do not count', async t => {
  const { config } = read({ AWS_REGION: ' eu-central-1 ', OTEL_BSP_MAX_QUEUE_SIZE: ' 7\n' })
  t.match(config, { region: 'eu-central-1', maxQueueSize: 7 })
})

t.test('C7 all faults of the required options come in one error', async t => {
  t.throws(() => readConfig({}), {
    name: 'Runtime.PlatformError',
    code: 'CONFIG_INVALID',
    faults: [
      'AWS_LAMBDA_RUNTIME_API: expected host:port, got nothing',
      '_HANDLER: expected text, got nothing',
    ],
    message:
      'AWS_LAMBDA_RUNTIME_API: expected host:port, got nothing; _HANDLER: expected text, got nothing',
  })
  t.throws(() => readConfig({ AWS_LAMBDA_RUNTIME_API: 'localhost', _HANDLER: ' ' }), {
    code: 'CONFIG_INVALID',
    faults: [
      'AWS_LAMBDA_RUNTIME_API: expected host:port, got "localhost"',
      '_HANDLER: expected text, got nothing',
    ],
  })
})

const ALIASES = Object.entries(OPTIONS).filter(([, { names }]) => names.length > 1)
/** Else whole numbers. */
const SAMPLES: Readonly<Record<string, readonly [first: string, second: string]>> = {
  'http/protobuf or http/json': ['http/json', 'http/protobuf'],
  'none or gzip': ['gzip', 'none'],
  text: ['/a.pem', '/b.pem'],
  'an http:// or https:// URL': ['http://a/', 'http://b/'],
  'key=value pairs joined by commas': ['a=1', 'b=2'],
}

t.test('of several names the first that is set counts', async t => {
  t.ok(ALIASES.length >= 5)
  for (const [key, { names, form }] of ALIASES) {
    const [specific = '', general = ''] = names
    const [first, second] = SAMPLES[form.expected] ?? ['11', '22']
    const readFrom = (environment: Environment) => {
      const { config, warnings } = read(environment)
      return [shown(Reflect.get(config, key)), ...warnings]
    }
    const expected = [shown(form.read(first))]
    t.strictSame(readFrom({ [specific]: first, [general]: second }), expected, specific)
    t.strictSame(readFrom({ [specific]: ' ', [general]: first }), expected, general)
  }
})

function shown(value: unknown): string {
  return JSON.stringify(value instanceof Secret ? value.reveal() : value)
}

for (const [name, value, expected, key, fallback] of [
  ['OTEL_SDK_DISABLED', 'yes', 'true or false', 'isDisabled', false],
  ['OTEL_EXPORTER_ZIPKIN_TIMEOUT', '-5', 'a whole number above 0', 'zipkinTimeoutMs', 10_000],
  [
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'localhost:4318',
    'an http:// or https:// URL',
    'endpoint',
    undefined,
  ],
  [
    'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    'x',
    'an http:// or https:// URL',
    'tracesEndpoint',
    undefined,
  ],
  [
    'OTEL_EXPORTER_OTLP_PROTOCOL',
    'grpc',
    'http/protobuf or http/json',
    'protocol',
    'http/protobuf',
  ],
  ['OTEL_EXPORTER_OTLP_TIMEOUT', '0', 'a whole number above 0', 'exportTimeoutMs', 10_000],
  ['OTEL_BSP_MAX_QUEUE_SIZE', '-1', 'a whole number above 0', 'maxQueueSize', 2048],
  ['OTEL_RESOURCE_ATTRIBUTES', 'a', 'key=value pairs joined by commas', 'resourceAttributes', {}],
  ['OTEL_ATTRIBUTE_COUNT_LIMIT', '1.5', 'a whole number', 'attributeCountLimit', 128],
  ['OTEL_LINK_ATTRIBUTE_COUNT_LIMIT', '-1', 'a whole number', 'linkAttributeCountLimit', 128],
] as const) {
  t.test(`a malformed ${name} means the default, and one warning`, async t => {
    const { config, warnings } = read({ [name]: value })
    t.strictSame(config[key], fallback)
    const used = typeof fallback === 'string' ? `the default, ${fallback},` : 'the default'
    t.strictSame(warnings, [
      `${name}: expected ${expected}, got ${JSON.stringify(value)}; ${used} is used`,
    ])
  })
}

t.test('AWS settings that mean nothing to AWS mean their default, without a word', async t => {
  const { config, warnings } = read({
    AWS_LAMBDA_LOG_FORMAT: 'xml',
    AWS_LAMBDA_LOG_LEVEL: 'loud',
    AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA: 'maybe',
  })
  t.match(config, { logFormat: 'text', logLevel: 'TRACE', isGlobalHidden: false })
  t.strictSame(warnings, [])
})

t.test('a long value is quoted in part', async t => {
  const { warnings } = read({ OTEL_TRACES_EXPORTER: 'x'.repeat(10_000) })
  t.ok((warnings[0]?.length ?? 0) < 400)
})

t.test(
  'headers never show: not when they are malformed, not when the config is printed',
  async t => {
    for (const name of ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS']) {
      const { config, warnings } = read({ [name]: 'authorization s3cret' })
      t.equal(config.headers, undefined)
      t.strictSame(warnings, [
        `${name}: expected key=value pairs joined by commas, got something else; the default is used`,
      ])
    }
    const { config } = read({ OTEL_EXPORTER_OTLP_HEADERS: 'authorization=s3cret' })
    t.strictSame(config.headers?.reveal(), { authorization: 's3cret' })
    t.notMatch(
      `${inspect(config, { depth: null, showHidden: true })}${JSON.stringify(config)}`,
      /s3cret/,
    )
  },
)

for (const name of ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']) {
  t.test(`a malformed ${name} is warned of without the password in it`, async t => {
    for (const value of [
      'htp://user:s3cret@collector',
      'https://user:s3cret@collector:99999/x',
      'https://u:s3cret/rest@host',
    ]) {
      const { warnings } = read({ [name]: value })
      t.equal(warnings.length, 1)
      t.notMatch(warnings[0], /s3cret/)
    }
  })
}

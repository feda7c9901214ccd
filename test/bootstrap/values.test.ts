// The forms of option values: the last accepted and the first refused of each.
import { inspect } from 'node:util'
import t from 'tap'
import {
  awsSwitch,
  type Form,
  flag,
  hostPort,
  httpUrl,
  keyValues,
  milliseconds,
  names,
  oneOf,
  oneOfElse,
  positiveInt,
  Secret,
  secretKeyValues,
  text,
  wholeNumber,
} from '../../bootstrap/values.ts'

interface FormCase {
  readonly name: string
  readonly form: Form<unknown>
  readonly accepted: readonly (readonly [text: string, value: unknown])[]
  readonly refused: readonly string[]
}

const FORMS: readonly FormCase[] = [
  {
    name: 'wholeNumber',
    form: wholeNumber,
    accepted: [
      ['0', 0],
      ['128', 128],
    ],
    refused: ['-1', '1.5', 'x', '1e400'],
  },
  {
    name: 'milliseconds',
    form: milliseconds,
    accepted: [
      ['0', 0],
      ['0.5', 0.5],
      ['20', 20],
    ],
    refused: ['-0.1', 'x', '1e400', '1ms'],
  },
  {
    name: 'names',
    form: names,
    accepted: [
      ['pg', ['pg']],
      [' AWS-SDK , pg,', ['aws-sdk', 'pg']],
      [',', []],
    ],
    refused: [],
  },
  { name: 'text', form: text, accepted: [['a b=é', 'a b=é']], refused: [] },
  {
    name: 'flag',
    form: flag,
    accepted: [
      ['true', true],
      ['True', true],
      ['FALSE', false],
    ],
    refused: ['1', '0', 'yes', 'on', 'truee', 'constructor', 'toString', '__proto__'],
  },
  {
    name: 'awsSwitch',
    form: awsSwitch,
    accepted: [
      ['1', true],
      ['true', true],
      ['True', false],
      ['0', false],
      ['yes', false],
    ],
    refused: [],
  },
  {
    name: 'hostPort',
    form: hostPort,
    accepted: [
      ['127.0.0.1:9001', { host: '127.0.0.1', port: 9001 }],
      ['localhost:1', { host: 'localhost', port: 1 }],
      ['a.b-c:65535', { host: 'a.b-c', port: 65_535 }],
      ['[::1]:80', { host: '::1', port: 80 }],
      ['[::ffff:127.0.0.1]:80', { host: '::ffff:127.0.0.1', port: 80 }],
    ],
    refused: [
      ...['localhost', 'localhost:', ':80', '127.0.0.1:0', '127.0.0.1:65536', '127.0.0.1:123456'],
      ...['127.0.0.1:-1', '127.0.0.1:8e1', '127.0.0.1:80/', '127.0.0.1:80 ', 'a b:80', '::1:80'],
      ...['http://127.0.0.1:80', '[]:80', '[::1:80', '127.0.0.1:0x50', 'a\nb:80'],
    ],
  },
  {
    name: 'positiveInt',
    form: positiveInt,
    accepted: [
      ['1', 1],
      ['10000', 10_000],
      ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ],
    refused: ['0', '-1', '1.5', 'abc', '10s', 'NaN', 'Infinity', '9007199254740992', '1,000'],
  },
  {
    name: 'oneOf',
    form: oneOf(['otlp', 'none']),
    accepted: [
      ['otlp', 'otlp'],
      ['NONE', 'none'],
    ],
    refused: ['', 'otlp,none', 'console'],
  },
  {
    name: 'oneOfElse',
    form: oneOfElse(['text', 'json'], 'text'),
    accepted: [
      ['JSON', 'json'],
      ['xml', 'text'],
    ],
    refused: [],
  },
  {
    name: 'keyValues',
    form: keyValues,
    accepted: [
      ['a=1', { a: '1' }],
      [' a = 1 , b=2,', { a: '1', b: '2' }],
      ['a=b=c', { a: 'b=c' }],
      ['a=', { a: '' }],
      ['a=%20%2C%3D%C3%A9', { a: ' ,=é' }],
      ['a=1,a=2', { a: '2' }],
    ],
    refused: ['a', '=1', 'a=1,b', 'a=%', 'a=%zz', 'a=%ff'],
  },
]

for (const { name, form, accepted, refused } of FORMS) {
  for (const [value, expected] of accepted) {
    t.test(`${name}: ${JSON.stringify(value)} is ${JSON.stringify(expected)}`, async t => {
      t.strictSame(form.read(value), expected)
    })
  }
  for (const value of refused) {
    t.test(`${name}: ${JSON.stringify(value)} is refused`, async t => {
      t.equal(form.read(value), undefined)
    })
  }
}

for (const [value, href] of [
  ['http://localhost:4318', 'http://localhost:4318/'],
  ['HTTPS://Collector.example/v1/traces?x=1', 'https://collector.example/v1/traces?x=1'],
  ['http://user:pass@127.0.0.1', 'http://user:pass@127.0.0.1/'],
  ['http://[::1]:4318/a', 'http://[::1]:4318/a'],
] as const) {
  t.test(`httpUrl: ${value} is read`, async t => {
    t.equal(httpUrl.read(value)?.href, href)
  })
}

for (const value of [
  'localhost:4318',
  'grpc://x',
  '//x',
  'http://',
  'ftp://x',
  'http://x:99999',
  '/a',
]) {
  t.test(`httpUrl: ${value} is refused`, async t => {
    t.equal(httpUrl.read(value), undefined)
  })
}

t.test('secret pairs are read as pairs are, and refused as they are', async t => {
  t.strictSame(secretKeyValues.read('authorization=Bearer%20t')?.reveal(), {
    authorization: 'Bearer t',
  })
  t.equal(secretKeyValues.read('no pair'), undefined)
  t.equal(secretKeyValues.expected, keyValues.expected)
})

for (const [how, show] of [
  ['String', String],
  ['a template', secret => `${secret}`],
  ['JSON', secret => JSON.parse(JSON.stringify({ secret })).secret],
  ['inspect', secret => inspect(secret)],
] as readonly (readonly [string, (secret: Secret<unknown>) => string])[]) {
  t.test(`a secret shows itself to ${how} as [redacted]`, async t => {
    t.equal(show(new Secret({ authorization: 's3cret' })), '[redacted]')
  })
}

t.test('nothing else that prints shows a secret either', async t => {
  const secret = new Secret('s3cret')
  const shown = [
    inspect({ secret }, { showHidden: true, depth: null, getters: true, showProxy: true }),
    JSON.stringify([secret, { ...secret }, Object.entries(secret)]),
    Object.keys(secret).join(),
    String(Object.getOwnPropertyNames(secret)),
    String(new Error(`failed with ${secret}`, { cause: secret }).stack),
    JSON.stringify(structuredClone({ ...secret })),
  ]
  t.notMatch(shown.join('\n'), /s3cret/)
  t.equal(secret.reveal(), 's3cret')
})

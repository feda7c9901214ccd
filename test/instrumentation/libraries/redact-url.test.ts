import t from 'tap'
import { redactUrl } from '../../../instrumentation/libraries/redact-url.ts'

for (const url of [
  'http://host/',
  'http://host/path/token/secret',
  'https://host:8443/a?page=2&q=a%20b',
  'https://host/?a&b=&=c&&d=1',
  'https://host/?',
  'https://[::1]:80/?x=1',
  'https://host/@user?x=@1',
  'https://host/path?mail=a@b.c',
  'https://host/?keyword=1&keys=2&monkey=3&design=4&barcode=5',
  '',
]) {
  t.test(`${url} has nothing to hide`, async t => {
    t.equal(redactUrl(url), url)
  })
}

for (const [url, expected] of [
  ['http://user:pass@host/', 'http://REDACTED:REDACTED@host/'],
  ['http://user@host/', 'http://REDACTED:REDACTED@host/'],
  ['HTTPS://:token@host:8443/a?b=1', 'HTTPS://REDACTED:REDACTED@host:8443/a?b=1'],
  ['http://us%40er:p%3Ass@host/', 'http://REDACTED:REDACTED@host/'],
  // The last @ before the path ends the credentials: a password may hold one.
  ['http://user:p@ss@host/', 'http://REDACTED:REDACTED@host/'],
  ['http://user:pass@host?a=@1', 'http://REDACTED:REDACTED@host?a=@1'],
  ['http://user:pass@host/?token=x', 'http://REDACTED:REDACTED@host/?token=REDACTED'],
] as const) {
  t.test(`credentials in ${url} are replaced`, async t => {
    t.equal(redactUrl(url), expected)
  })
}

const SECRETS = [
  // The four that the conventions name.
  ...['AWSAccessKeyId', 'Signature', 'sig', 'X-Goog-Signature'],
  // Presigned requests of AWS.
  ...['X-Amz-Signature', 'X-Amz-Credential', 'X-Amz-Security-Token'],
  ...[
    'token',
    'access_token',
    'refreshToken',
    'id_token',
    'secret',
    'client_secret',
    'clientSecret',
  ],
  ...[
    'password',
    'passwd',
    'pwd',
    'passwort',
    'api_key',
    'api-key',
    'apikey',
    'APIKEY',
    'key',
    'Key',
  ],
  ...['auth', 'authorization', 'session', 'sessionid', 'code', 'jwt', 'credential'],
]

for (const name of SECRETS) {
  t.test(`the value of ${name} is replaced, its name and its neighbours stay`, async t => {
    t.equal(
      redactUrl(`https://host/a?page=2&${name}=s3cr%3Dt&sort=up`),
      `https://host/a?page=2&${name}=REDACTED&sort=up`,
    )
    t.equal(redactUrl(`https://host/?${name}=`), `https://host/?${name}=REDACTED`)
  })
}

t.test('each of several secrets is replaced, also the same name twice', async t => {
  t.equal(
    redactUrl('/a?token=1&token=2&x=3&sig=4=5'),
    '/a?token=REDACTED&token=REDACTED&x=3&sig=REDACTED',
  )
})

t.test('a name without a value has nothing to hide', async t => {
  t.equal(redactUrl('/a?token&sig'), '/a?token&sig')
})

t.test('a question mark in a value is part of it', async t => {
  t.equal(redactUrl('/a?token=a?b=c&x=?'), '/a?token=REDACTED&x=?')
})

t.test('a long hostile URL is done in no time', async t => {
  const url = `http://${'a:@'.repeat(20_000)}/?${'token=&'.repeat(20_000)}`
  t.notMatch(redactUrl(url), /token=&/)
})

// What is no HTTP/1.1 response is refused by one error, at once, and never by a crash.
import t from 'tap'
import { ResponseParser } from '../../../runtime/api/response-parser.ts'
import { ConnectionError } from '../../../runtime/errors.ts'
import { type Random, startRandom } from '../../helpers/random.ts'

const OK = 'HTTP/1.1 200 OK\r\n'
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`
const MALFORMED = { code: 'HTTP_MALFORMED', name: 'Runtime.ApiError' }

const MALFORMED_RESPONSES: readonly (readonly [name: string, wire: string])[] = [
  ['no status line', '\r\n\r\n'],
  ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n\r\n'],
  ['HTTP/0.9', '<html>\r\n\r\n'],
  ['HTTP/2', 'HTTP/2 200 OK\r\n\r\n'],
  ['HTTP/1.2', 'HTTP/1.2 200 OK\r\n\r\n'],
  ['lower case', 'http/1.1 200 OK\r\n\r\n'],
  ['a blank before', ' HTTP/1.1 200 OK\r\n\r\n'],
  ['two blanks', 'HTTP/1.1  200 OK\r\n\r\n'],
  ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
  ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
  ['a status below 100', 'HTTP/1.1 099 OK\r\n\r\n'],
  ['no blank before the reason', 'HTTP/1.1 200OK\r\n\r\n'],
  ['a request', 'GET / HTTP/1.1\r\n\r\n'],
  ['a header without a colon', `${OK}nothing\r\n\r\n`],
  ['a header without a name', `${OK}: value\r\n\r\n`],
  ['a malformed answer after a 1xx', 'HTTP/1.1 100 Continue\r\n\r\nHTTP\r\n\r\n'],
  ['a negative length', `${OK}Content-Length: -1\r\n\r\n`],
  ['a signed length', `${OK}Content-Length: +5\r\n\r\n`],
  ['an empty length', `${OK}Content-Length:\r\n\r\n`],
  ['a hexadecimal length', `${OK}Content-Length: 0x5\r\n\r\n`],
  ['a length with a unit', `${OK}Content-Length: 5 B\r\n\r\n`],
  ['a length with an exponent', `${OK}Content-Length: 1e3\r\n\r\n`],
  ['a length of 16 digits', `${OK}Content-Length: 1000000000000000\r\n\r\n`],
  ['two lengths', `${OK}Content-Length: 5\r\nContent-Length: 6\r\n\r\n`],
  ['more than the length', `${OK}Content-Length: 1\r\n\r\nab`],
  ['more than nothing', `${OK}Content-Length: 0\r\n\r\na`],
  ['a body with 204', 'HTTP/1.1 204 No Content\r\n\r\na'],
  ['gzip', `${OK}Transfer-Encoding: gzip\r\n\r\n`],
  ['gzip, chunked', `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n`],
  ['chunked twice', `${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`],
  ['an empty coding', `${OK}Transfer-Encoding:\r\n\r\n`],
  ['a chunk size of letters', `${CHUNKED}xyz\r\n`],
  ['no chunk size', `${CHUNKED}\r\n`],
  ['only an extension', `${CHUNKED};a=b\r\n`],
  ['a negative chunk size', `${CHUNKED}-1\r\n`],
  ['a chunk size with 0x', `${CHUNKED}0x1\r\n`],
  ['a chunk size of nine digits', `${CHUNKED}000000001\r\na\r\n`],
  ['a chunk longer than its size', `${CHUNKED}1\r\nab\r\n0\r\n\r\n`],
  ['a chunk shorter than its size', `${CHUNKED}3\r\na\r\n0\r\n\r\n`],
  ['bytes after the last chunk', `${CHUNKED}1\r\na\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n`],
  ['bytes after the trailers', `${CHUNKED}0\r\nX: y\r\n\r\nmore`],
]

for (const [name, wire] of MALFORMED_RESPONSES) {
  t.test(`${name} is refused`, async t => {
    t.throws(() => new ResponseParser().feed(Buffer.from(wire, 'latin1')), MALFORMED)
  })
}

t.test('what is malformed is refused byte by byte as well', async t => {
  const notRefused = MALFORMED_RESPONSES.filter(([, wire]) => {
    const parser = new ResponseParser()
    try {
      for (const byte of Buffer.from(wire, 'latin1')) {
        // Once a response is whole the connection asks no further, so bytes after it are another test.
        if (parser.feed(Buffer.from([byte])) !== undefined) return false
      }
      return true
    } catch (error) {
      return !(error instanceof ConnectionError && error.code === 'HTTP_MALFORMED')
    }
  })
  t.strictSame(notRefused, [])
})

t.test('the message says what was expected and what came, and stays short', async t => {
  const long = 'x'.repeat(10_000)
  for (const wire of [`${long}\r\n\r\n`, `${OK}${long}\r\n\r\n`, `${CHUNKED}${long}\r\n`]) {
    try {
      new ResponseParser().feed(Buffer.from(wire))
      t.fail('refused')
    } catch (error) {
      const { message } = error as Error
      t.match(message, /^HTTP response: expected .+, got .*xxx/)
      t.ok(message.length < 300, `${message.length} characters`)
    }
  }
})

const MAX_HEAD_BYTES = 1024 * 1024

/** A head section of so many bytes before the empty line. */
function headOf(bytes: number): string {
  const start = `${OK}Content-Length: 0\r\nX-Fill: `
  return `${start}${'f'.repeat(bytes - start.length)}\r\n\r\n`
}

t.test('a header section of 1 MiB is accepted, one byte more is refused', async t => {
  const accepted = new ResponseParser().feed(Buffer.from(headOf(MAX_HEAD_BYTES)))
  t.equal(accepted?.statusCode, 200)
  t.throws(() => new ResponseParser().feed(Buffer.from(headOf(MAX_HEAD_BYTES + 1))), MALFORMED)
})

t.test('a header section that never ends is refused once it passes 1 MiB', async t => {
  const parser = new ResponseParser()
  t.equal(parser.feed(Buffer.alloc(MAX_HEAD_BYTES, 'a')), undefined)
  t.throws(() => parser.feed(Buffer.from('a')), MALFORMED)
})

for (const [name, start] of [
  ['a chunk size', CHUNKED],
  ['an extension', `${CHUNKED}1;a=`],
  ['trailers', `${CHUNKED}0\r\nX-Fill: `],
] as const) {
  t.test(`${name} that never ends is refused, whatever the limit of the body`, async t => {
    const parser = new ResponseParser()
    parser.feed(Buffer.from(start))
    t.throws(() => {
      for (let kilobytes = 0; kilobytes < 2048; kilobytes++) parser.feed(Buffer.alloc(1024, '1'))
    }, MALFORMED)
  })
}

const LIMIT = 10
const BODY = '0123456789'

for (const [name, accepted, refused] of [
  [
    'by length',
    `${OK}Content-Length: 10\r\n\r\n${BODY}`,
    // Refused by its announcement: the body need not be taken first.
    `${OK}Content-Length: 11\r\n\r\n`,
  ],
  ['until close', `${OK}\r\n${BODY}`, `${OK}\r\n${BODY}x`],
  ['of one chunk', `${CHUNKED}a\r\n${BODY}\r\n0\r\n\r\n`, `${CHUNKED}b\r\n${BODY}x\r\n0\r\n\r\n`],
  [
    'of two chunks',
    `${CHUNKED}5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n`,
    `${CHUNKED}6\r\n01234x\r\n5\r\n56789\r\n0\r\n\r\n`,
  ],
] as const) {
  t.test(`a body ${name} at the limit is accepted`, async t => {
    const parser = new ResponseParser(LIMIT)
    const response = parser.feed(Buffer.from(accepted)) ?? parser.end()
    t.equal(response?.body.toString(), BODY)
  })

  t.test(`a body ${name} one byte above the limit is refused`, async t => {
    t.throws(() => new ResponseParser(LIMIT).feed(Buffer.from(refused)), MALFORMED)
  })

  t.test(`a body ${name} above the limit is refused byte by byte as well`, async t => {
    const parser = new ResponseParser(LIMIT)
    t.throws(() => {
      for (const byte of Buffer.from(refused)) parser.feed(Buffer.from([byte]))
    }, MALFORMED)
  })
}

const FRAGMENTS = [
  ...[
    'HTTP/1.1 200 OK\r\n',
    'HTTP/1.0 404\r\n',
    'HTTP/1.1 100 Continue\r\n\r\n',
    'HTTP/1.1 204 \r\n',
  ],
  ...['Content-Length: 3\r\n', 'content-length: 99999\r\n', 'Transfer-Encoding: chunked\r\n'],
  ...[
    '\r\n',
    '\r\n\r\n',
    '\r',
    '\n',
    ':',
    '0\r\n',
    '3\r\nabc\r\n',
    'ffffffff\r\n',
    ';',
    'a',
    '\0',
    '\xff',
  ],
]

function randomBytes(random: Random): Buffer {
  return random.below(4) === 0
    ? Buffer.from(Array.from({ length: random.below(20) }, () => random.below(256)))
    : Buffer.from(random.pick(FRAGMENTS), 'latin1')
}

function feedGarbage(random: Random): 'refused' | 'answered' | 'open' {
  const parser = new ResponseParser(random.pick([Number.POSITIVE_INFINITY, 0, 5]))
  try {
    // Most rounds get past the status line: what stands behind it is the longer part.
    let answer = random.below(3) > 0 ? parser.feed(Buffer.from(OK)) : undefined
    for (let feeds = random.below(12); feeds > 0 && answer === undefined; feeds--) {
      answer = parser.feed(randomBytes(random))
    }
    return (answer ?? parser.end()) === undefined ? 'open' : 'answered'
  } catch (error) {
    if (error instanceof ConnectionError && error.code === 'HTTP_MALFORMED') return 'refused'
    throw error
  }
}

t.test('garbage only ever ends in HTTP_MALFORMED', async t => {
  const random = startRandom()
  t.comment(`BATON_FUZZ_SEED=${random.seed}`)
  const outcomes = { refused: 0, answered: 0, open: 0 }
  for (let round = 0; round < 20_000; round++) outcomes[feedGarbage(random)]++
  t.ok(Math.min(...Object.values(outcomes)) > 100, `all kinds: ${JSON.stringify(outcomes)}`)
})

t.test('a response of random chunks, cut at random, is put together again', async t => {
  const random = startRandom()
  t.comment(`BATON_FUZZ_SEED=${random.seed}`)
  for (let round = 0; round < 1000; round++) {
    const chunks = Array.from({ length: random.below(6) }, () =>
      Buffer.from(Array.from({ length: 1 + random.below(300) }, () => random.below(256))),
    )
    const framed = chunks.flatMap(chunk => [
      Buffer.from(`${chunk.length.toString(16)}\r\n`),
      chunk,
      Buffer.from('\r\n'),
    ])
    const wire = Buffer.concat([Buffer.from(CHUNKED), ...framed, Buffer.from('0\r\n\r\n')])
    const parser = new ResponseParser()
    let response: ReturnType<ResponseParser['feed']>
    for (let at = 0; at < wire.length; ) {
      if (response !== undefined) throw new Error(`round ${round}: an answer before the end`)
      const size = 1 + random.below(40)
      response = parser.feed(wire.subarray(at, at + size))
      at += size
    }
    if (!response?.body.equals(Buffer.concat(chunks)))
      throw new Error(`round ${round}: other bytes`)
  }
  t.pass('1000 rounds')
})

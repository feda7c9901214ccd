import t from 'tap'
import { readRequest } from './raw-http.ts'

const WHOLE: Record<string, string> = {
  'no body': 'GET /next HTTP/1.1\r\nHost: a\r\n\r\n',
  'a length': 'POST /response HTTP/1.1\r\nCONTENT-LENGTH: 5\r\n\r\n{"a"}',
  'an empty body': 'POST /response HTTP/1.1\r\nContent-Length: 0\r\n\r\n',
  chunks:
    'POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n',
  'chunks with trailers':
    'POST /x HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Error: b\r\nY: c\r\n\r\n',
}

for (const [name, wire] of Object.entries(WHOLE)) {
  t.test(`a request with ${name} is complete at its last byte and not before`, async t => {
    const bytes = Buffer.from(wire)
    for (let length = 0; length < bytes.length; length++) {
      t.equal(readRequest(bytes.subarray(0, length)), undefined, `${length} bytes`)
    }
    t.equal(readRequest(bytes)?.end, bytes.length)
    t.equal(readRequest(Buffer.concat([bytes, Buffer.from('GET /b')]))?.end, bytes.length)
  })
}

t.test('head and body are given apart', async t => {
  const request = readRequest(Buffer.from('POST /a HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi'))
  t.equal(request?.head, 'POST /a HTTP/1.1\r\nContent-Length: 2')
  t.equal(request?.body.toString(), 'hi')
})

t.test('a chunk size that is no number is an error, not an endless wait', async t => {
  const bytes = Buffer.from('POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n')
  t.throws(() => readRequest(bytes), { message: /chunk size/ })
})

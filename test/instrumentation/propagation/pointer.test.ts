import { createHash } from 'node:crypto'
import t from 'tap'
import {
  dynamoPointer,
  kinesisPointer,
  messagePointer,
  s3Pointer,
} from '../../../instrumentation/propagation/pointer.ts'
import { sha256 } from '../../../instrumentation/propagation/sha256.ts'

/** As anyone may make one who has read the document. */
const recompute = (...parts: string[]) =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)

t.test('the hash is SHA-256, whatever the length and whatever the text', async t => {
  for (const length of [0, 1, 54, 55, 56, 63, 64, 65, 119, 120, 1000]) {
    for (const letter of ['a', 'ü', '💡', '\ud800']) {
      const text = letter.repeat(length)
      const expected = createHash('sha256').update(text).digest('hex')
      t.equal(sha256(text), expected, `${length} of ${letter}`)
    }
  }
})

t.test('a pointer can be made by anyone who knows what it points to', async t => {
  const etag = 'b21b84d653bb07b05b1e6b33684dc11b'
  t.equal(
    s3Pointer('uploads', 'in/my photo.jpg', etag),
    recompute('s3', 'uploads', 'in/my photo.jpg', etag),
  )
  t.equal(s3Pointer('uploads', 'k', `"${etag}"`), s3Pointer('uploads', 'k', etag))
  t.equal(kinesisPointer('clicks', '49545'), recompute('kinesis', 'clicks', '49545'))
  t.equal(messagePointer('m-1'), recompute('message', 'm-1'))
  t.not(s3Pointer('a', 'b', 'c'), s3Pointer('a,b', '', 'c'))
})

t.test('an item has one pointer, in whatever order and form its key is written', async t => {
  const expected = recompute('dynamodb', 'orders', 'Id', 'N', '101', 'Sort', 'S', 'a')
  for (const keys of [
    { Id: { N: '101' }, Sort: { S: 'a' } },
    { Sort: { S: 'a' }, Id: { N: '101.0' } },
    { Sort: 'a', Id: 101 },
    { Id: 101n, Sort: 'a' },
  ])
    t.equal(dynamoPointer('orders', keys), expected, JSON.stringify(Object.keys(keys)))
  const bytes = new Uint8Array([1, 2, 3])
  t.equal(dynamoPointer('t', { k: { B: bytes } }), dynamoPointer('t', { k: { B: 'AQID' } }))
  t.equal(dynamoPointer('t', { k: bytes }), recompute('dynamodb', 't', 'k', 'B', 'AQID'))
  const long = '123456789012345678901234567890'
  t.equal(dynamoPointer('t', { k: { N: long } }), recompute('dynamodb', 't', 'k', 'N', long))
})

t.test('what is no key has no pointer', async t => {
  for (const keys of [
    {},
    { k: null },
    { k: { BOOL: true } },
    { k: [] },
    { a: 1, b: 1, c: 1, d: 1, e: 1 },
  ])
    t.equal(dynamoPointer('t', keys), undefined)
})

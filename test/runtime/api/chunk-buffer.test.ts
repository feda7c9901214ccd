// Many small pieces as one chunk in one buffer.
import t from 'tap'
import { ChunkBuffer, type Piece, sizeOf } from '../../../runtime/api/chunk-buffer.ts'
import { startRandom } from '../../helpers/random.ts'

function frame(buffer: ChunkBuffer, pieces: readonly Piece[]): string | undefined {
  const chunk = buffer.frame('HEAD ', pieces, sizeOf(pieces))
  return chunk && Buffer.from(chunk).toString('latin1')
}

t.test('what goes in front, the pieces, the end of the chunk', async t => {
  t.equal(frame(new ChunkBuffer(), ['a', Buffer.from('b'), 'c']), 'HEAD abc\r\n')
})

t.test('text is UTF-8, whatever is in it, and its size is known', async t => {
  for (const text of ['é', '⚡', '💥', '\ud800', 'a\udc00b', '\0', '']) {
    const bytes = Buffer.from(text)
    t.equal(sizeOf([text]), bytes.length)
    t.equal(frame(new ChunkBuffer(), [text, 'x']), `HEAD ${bytes.toString('latin1')}x\r\n`)
  }
})

t.test('the last average that is copied, and the first that is not', async t => {
  const pieces = (bytes: number): Buffer[] => [Buffer.alloc(bytes - 1), Buffer.alloc(bytes)]
  t.type(frame(new ChunkBuffer(), pieces(4096)), 'string')
  t.equal(frame(new ChunkBuffer(), pieces(4097)), undefined)
  t.type(frame(new ChunkBuffer(), ['x'.repeat(5000)]), 'string', 'text is copied anyway')
})

t.test('the last chunk that has room, and the first that has not', async t => {
  const room = 128 * 1024 - 'HEAD '.length - '\r\n'.length
  const chunk = frame(new ChunkBuffer(), ['x'.repeat(room)])
  t.equal(chunk?.length, 128 * 1024)
  t.equal(frame(new ChunkBuffer(), ['x'.repeat(room + 1)]), undefined)
})

t.test('there is one chunk at a time', async t => {
  const buffer = new ChunkBuffer()
  const first = buffer.frame('', ['first'], 5)
  t.equal(frame(buffer, ['second']), undefined)
  t.equal(Buffer.from(first ?? []).toString(), 'first\r\n', 'and it is untouched')
  buffer.release()
  t.equal(frame(buffer, ['second']), 'HEAD second\r\n')
})

t.test('any pieces in any order', async t => {
  const random = startRandom()
  t.comment(`BATON_FUZZ_SEED=${random.seed}`)
  const buffer = new ChunkBuffer()
  let framed = 0
  for (let round = 0; round < 1000; round++) {
    const pieces = Array.from({ length: random.below(20) }, (): Piece => {
      const text = random.pick(['x', 'é', '💥', '\ud800']).repeat(random.below(600))
      return random.below(2) === 0 ? text : Buffer.from(text)
    })
    const expected = Buffer.concat(pieces.map(piece => Buffer.from(piece as string)))
    if (sizeOf(pieces) !== expected.length) t.fail(`round ${round}: size`)
    const chunk = frame(buffer, pieces)
    if (chunk === undefined) continue
    framed++
    if (chunk !== `HEAD ${expected.toString('latin1')}\r\n`) t.fail(`round ${round}: bytes`)
    buffer.release()
  }
  t.ok(framed > 500, `${framed} of 1000 rounds`)
})

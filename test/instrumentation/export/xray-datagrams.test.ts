// Datagrams at their limit: the last span that fits, the first that does not.
import t from 'tap'
import { encodeHead } from '../../../instrumentation/export/otlp-encoder.ts'
import {
  encodeDatagrams,
  MAX_DATAGRAM_BYTES,
} from '../../../instrumentation/export/xray/datagrams.ts'
import { startRandom } from '../../helpers/random.ts'
import { batchOf, endedSpan, startSpan } from './decode.ts'
import { randomSpan } from './random-span.ts'

const HEAD = encodeHead({ 'service.name': 'orders' }, 'baton', '1.2.3')

/** Lengths of one attribute up to which a span is whole, and from which it is cut. */
function findEdge(format: 'segments' | 'otlp'): number {
  const isWhole = (length: number): boolean => {
    const { datagrams } = encodeDatagrams(
      batchOf(HEAD, [endedSpan({ k: 'v'.repeat(length) })]),
      format,
    )
    return (datagrams[0]?.length ?? 0) > length
  }
  let whole = 40_000
  let cut = 70_000
  while (cut - whole > 1) {
    const middle = (whole + cut) >> 1
    if (isWhole(middle)) whole = middle
    else cut = middle
  }
  return whole
}

for (const [format, slack] of [
  ['segments', 0],
  // Base64 has its steps, and the room for the lengths around a span is kept for the longest.
  ['otlp', 16],
] as const) {
  t.test(`a datagram of ${format} is filled, and never above what one can hold`, async t => {
    const edge = findEdge(format)
    const at = (length: number): number =>
      encodeDatagrams(batchOf(HEAD, [endedSpan({ k: 'v'.repeat(length) })]), format).datagrams[0]
        ?.length ?? 0
    t.ok(
      at(edge) <= MAX_DATAGRAM_BYTES && at(edge) >= MAX_DATAGRAM_BYTES - slack,
      `${at(edge)} bytes`,
    )
    t.ok(at(edge + 1) < 1000, `cut: ${at(edge + 1)} bytes`)
  })

  t.test(`random spans as ${format}: none is lost, no datagram is too large`, async t => {
    const random = startRandom()
    t.comment(`BATON_FUZZ_SEED=${random.seed}`)
    for (let round = 0; round < 20; round++) {
      const spans = Array.from({ length: 40 }, () => randomSpan(random))
      const { datagrams, refused } = encodeDatagrams(batchOf(HEAD, spans), format)
      t.equal(refused, 0)
      if (datagrams.some(each => each.length > MAX_DATAGRAM_BYTES)) t.fail('a datagram too large')
    }
  })

  t.test(
    `a resource that fills a datagram of ${format} leaves no room: refused, not sent`,
    async t => {
      const head = encodeHead({ long: 'r'.repeat(70_000) }, 'baton', '1')
      const { datagrams, refused } = encodeDatagrams(batchOf(head, [startSpan()]), format)
      t.strictSame([datagrams.length, refused], [0, 1])
    },
  )
}

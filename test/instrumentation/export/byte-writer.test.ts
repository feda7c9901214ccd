// Protocol Buffers' primitives, read back by generated code: fields of AnyValue and Span stand for each type.
import t from 'tap'
import { ByteWriter } from '../../../instrumentation/export/byte-writer.ts'
import { startRandom } from '../../helpers/random.ts'
import { exactNs, hex, readAnyValue, readSpan } from './decode.ts'

const INITIAL_BYTES = 4096

function write(work: (writer: ByteWriter) => void): Buffer {
  const writer = new ByteWriter()
  work(writer)
  return writer.copy()
}

for (const value of [
  ...[
    0,
    -0,
    1,
    -1,
    127,
    128,
    -127,
    -128,
    16_383,
    16_384,
    2 ** 21 - 1,
    2 ** 21,
    2 ** 28,
    2 ** 31 - 1,
  ],
  ...[2 ** 31, -(2 ** 31), 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, -(2 ** 32), -(2 ** 32) - 1, 2 ** 35],
  ...[2 ** 42, 2 ** 49, 2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 52 + 1, -(2 ** 52) - 1],
]) {
  t.test(`int64 ${value} reads back exactly`, async t => {
    t.strictSame(readAnyValue(write(writer => writer.int64(3, value))), {
      intValue: String(BigInt(value)),
    })
  })
}

for (const value of [
  0,
  -0,
  1.5,
  -1.5,
  Number.NaN,
  Infinity,
  -Infinity,
  5e-324,
  Number.MAX_VALUE,
  2 ** 53,
  0.1,
]) {
  t.test(`double ${Object.is(value, -0) ? '-0' : value} reads back exactly`, async t => {
    const { doubleValue } = readAnyValue(write(writer => writer.double(4, value)))
    t.ok(Object.is(doubleValue, value), String(doubleValue))
  })
}

for (const value of [0, 1, 127, 128, 16_384, 2 ** 21, 2 ** 28 - 1, 2 ** 28, 2 ** 31, 2 ** 32 - 1]) {
  t.test(`uint32 ${value} reads back, as a varint and as four bytes`, async t => {
    t.strictSame(readSpan(write(writer => writer.uint32(10, value))), {
      droppedAttributesCount: value,
    })
    t.strictSame(readSpan(write(writer => writer.fixed32(16, value))), { flags: value })
  })
}

t.test('bool reads back', async t => {
  for (const value of [true, false]) {
    t.strictSame(readAnyValue(write(writer => writer.bool(2, value))), { boolValue: value })
  }
})

t.test('hex reads back as bytes', async t => {
  for (const digits of ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331', '00ff', '']) {
    t.equal(hex(readSpan(write(writer => writer.hex(1, digits))).traceId), digits)
  }
})

const ASCII_LENGTHS = [
  0, 1, 39, 40, 41, 126, 127, 128, 129, 16_383, 16_384, 16_385, 2_097_151, 2_097_152,
]

for (const length of ASCII_LENGTHS) {
  for (const [kind, character] of [
    ['ASCII', 'a'],
    ['two bytes each', 'é'],
    ['three bytes each', '⚡'],
  ] as const) {
    t.test(`a text of ${length} characters, ${kind}, reads back`, async t => {
      const text = character.repeat(length)
      const bytes = write(writer => writer.string(1, text))
      t.ok(readAnyValue(bytes).stringValue === text)
    })
  }
}

t.test('texts whose bytes pass a length of a varint while their characters do not', async t => {
  for (const [bytes, character] of [
    [127, 'é'],
    [128, 'é'],
    [16_383, '⚡'],
    [16_384, '⚡'],
    [2_097_151, '⚡'],
    [2_097_152, '⚡'],
  ] as const) {
    const size = Buffer.byteLength(character)
    const text = character.repeat(Math.floor(bytes / size)) + 'x'.repeat(bytes % size)
    t.equal(Buffer.byteLength(text), bytes)
    t.ok(
      readAnyValue(write(writer => writer.string(1, text))).stringValue === text,
      `${bytes} bytes`,
    )
  }
})

for (const [name, text] of [
  ['emoji', '😀😀'],
  ['all of ASCII', String.fromCharCode(...Array.from({ length: 128 }, (_, code) => code))],
  ['a character beyond ASCII at the end of 40', `${'a'.repeat(39)}é`],
  ['a character beyond ASCII at the start of 40', `é${'a'.repeat(39)}`],
  ['DEL and the first beyond', '\x7f\x80'],
  ['line separators', '\u2028\u2029\ufeff'],
  ['a lone high surrogate', 'a\ud800b'],
  ['a lone low surrogate', '\udc00'],
  ['surrogates in the wrong order', '\udc00\ud800'],
  ['a lone surrogate in a long text', `${'a'.repeat(200)}\ud83d`],
] as const) {
  t.test(`a text of ${name} reads back, lone surrogates replaced`, async t => {
    t.equal(readAnyValue(write(writer => writer.string(1, text))).stringValue, text.toWellFormed())
  })
}

for (const [name, timeMs, expected] of [
  ['zero', 0, '0'],
  ['a whole millisecond', 1_700_000_000_123, '1700000000123000000'],
  ['a fraction', 1_700_000_000_123.25, '1700000000123250000'],
  [
    'the smallest step at this time of the century',
    1_700_000_000_000 + 2 ** -12,
    '1700000000000000244',
  ],
  ['just before a whole second', 1_700_000_000_999.75, '1700000000999750000'],
  ['a step before a whole second', 1_700_000_001_000 - 2 ** -12, '1700000000999999756'],
  ['a fraction that rounds up to a whole second', 1999.999_999_9, '2000000000'],
  ['a fraction that rounds down', 1999.999_999_4, '1999999999'],
  ['the last millisecond of 32 bits of seconds', 4_294_967_295_999, '4294967295999000000'],
  ['the first second after it, in 2106', 4_294_967_296_000, '4294967296000000000'],
  ['a time in the year 2500', 16_725_225_600_000.5, '16725225600000500000'],
  ['the last second of 64 bits of nanoseconds', 18_446_744_073_709, '18446744073709000000'],
] as const) {
  t.test(`the time of ${name} is ${expected} ns`, async t => {
    const bytes = write(writer => writer.timeNs(7, timeMs))
    t.strictSame(readSpan(bytes), { startTimeUnixNano: expected })
  })
}

t.test('any time from 1980 to 2554 is told to the nanosecond', async t => {
  const random = startRandom()
  t.comment(`BATON_FUZZ_SEED=${random.seed}`)
  const [first, last] = [315_532_800_000, 18_446_744_073_709]
  for (let round = 0; round < 20_000; round++) {
    const timeMs = first + random.next() * (last - first)
    const { startTimeUnixNano } = readSpan(write(writer => writer.timeNs(7, timeMs)))
    if (startTimeUnixNano !== exactNs(timeMs)) t.fail(`${timeMs}: ${startTimeUnixNano}`)
  }
  t.pass('20,000 times')
})

t.test('the tag of field 16 takes two bytes, that of field 15 one', async t => {
  t.equal(write(writer => writer.fixed32(15, 1)).length, 5)
  t.equal(write(writer => writer.fixed32(16, 1)).length, 6)
})

for (const size of [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152]) {
  for (const expectedBytes of [1, 2, 3]) {
    t.test(
      `a message of ${size} bytes reads back when ${expectedBytes} were left for its length`,
      async t => {
        const bytes = write(writer => {
          writer.uint32(6, 1)
          const start = writer.begin(5, expectedBytes)
          writer.bytes(Buffer.alloc(size, 'x'))
          writer.end(start, expectedBytes)
          writer.uint32(10, 7)
        })
        const { kind, name, droppedAttributesCount } = readSpan(bytes)
        t.ok(name === 'x'.repeat(size))
        t.strictSame([kind, droppedAttributesCount], [1, 7], 'and what stands around it')
      },
    )
  }
}

/** Every way to write, with what it reads back as. */
const WRITES: readonly (readonly [string, (writer: ByteWriter) => void, object])[] = [
  ['uint32', writer => writer.uint32(10, 2 ** 32 - 1), { droppedAttributesCount: 2 ** 32 - 1 }],
  ['fixed32', writer => writer.fixed32(16, 0x01020304), { flags: 0x01020304 }],
  [
    'timeNs',
    writer => writer.timeNs(7, 1_700_000_000_000.5),
    { startTimeUnixNano: '1700000000000500000' },
  ],
  ['a short text', writer => writer.string(5, 'abcdef'), { name: 'abcdef' }],
  ['a short text beyond ASCII', writer => writer.string(5, 'aé⚡'), { name: 'aé⚡' }],
  ['a long text', writer => writer.string(5, 'x'.repeat(130)), { name: 'x'.repeat(130) }],
  [
    'a message whose length was underestimated',
    writer => {
      const start = writer.begin(15)
      writer.string(2, 'y'.repeat(128))
      writer.end(start)
    },
    { status: { message: 'y'.repeat(128) } },
  ],
  [
    'an empty message whose length was overestimated',
    writer => writer.end(writer.begin(15, 3), 3),
    { status: {} },
  ],
]

for (const [name, work, expected] of WRITES) {
  t.test(`${name} is whole wherever the end of the buffer falls`, async t => {
    for (let before = INITIAL_BYTES - 140; before <= INITIAL_BYTES; before++) {
      const writer = new ByteWriter()
      writer.bytes(Buffer.alloc(before, 1))
      work(writer)
      const bytes = writer.copy(before)
      if (JSON.stringify(readSpan(bytes)) !== JSON.stringify(expected)) {
        t.fail(`${before} bytes before: ${bytes.toString('hex')}`)
      }
    }
    t.pass('141 places')
  })
}

t.test('an int64 and a double are whole wherever the end of the buffer falls', async t => {
  for (let before = INITIAL_BYTES - 20; before <= INITIAL_BYTES; before++) {
    const writer = new ByteWriter()
    writer.bytes(Buffer.alloc(before))
    writer.int64(3, -1)
    const { intValue } = readAnyValue(writer.copy(before))
    const end = writer.length
    writer.double(4, 0.1)
    const { doubleValue } = readAnyValue(writer.copy(end))
    t.strictSame([intValue, doubleValue], ['-1', 0.1])
  }
})

t.test('what was written before stays as it was when the buffer grows', async t => {
  const writer = new ByteWriter()
  const expected: Buffer[] = []
  for (let round = 0; round < 2000; round++) {
    const part = Buffer.from(`part ${round};`)
    expected.push(part)
    writer.bytes(part)
  }
  t.equal(writer.copy().toString(), Buffer.concat(expected).toString())
  t.equal(writer.length, Buffer.concat(expected).length)
})

t.test('truncate() forgets the end, removeFirst() the beginning', async t => {
  const writer = new ByteWriter()
  writer.bytes(Buffer.from('abcdefgh'))
  writer.truncate(6)
  t.equal(writer.copy().toString(), 'abcdef')
  writer.removeFirst(2)
  t.equal(writer.copy().toString(), 'cdef')
  writer.bytes(Buffer.from('X'))
  t.equal(writer.copy().toString(), 'cdefX')
  writer.removeFirst(5)
  t.equal(writer.length, 0)
})

t.test('copy() is a copy', async t => {
  const writer = new ByteWriter()
  writer.bytes(Buffer.from('ab'))
  const copy = writer.copy()
  writer.removeFirst(1)
  writer.bytes(Buffer.from('c'))
  t.equal(copy.toString(), 'ab')
})

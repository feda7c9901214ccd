// C129 and C137: log records as frames on the descriptor that the platform gives.
import t from 'tap'
import { startFunction } from '../helpers/function.ts'

interface Frame {
  readonly type: number
  readonly microseconds: bigint
  readonly message: string
}

/** Reads frames by the format's own description: big-endian u32 type, i32 length, i64 time, message. */
function readFrames(bytes: Buffer): Frame[] {
  const frames: Frame[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readInt32BE(at + 4)
    frames.push({
      type: bytes.readUInt32BE(at),
      microseconds: bytes.readBigInt64BE(at + 8),
      message: bytes.toString('utf8', at + 16, at + 16 + length),
    })
    at += 16 + length
  }
  return frames
}

const LOGS = `exports.handler = async () => {
  console.info("i\\nl"); console.error("e ⚡"); console.trace("t"); console.debug("d"); console.warn("w"); console.fatal("f")
  return process.env._LAMBDA_TELEMETRY_LOG_FD ?? null }`

for (const [format, types] of [
  ['text', [0xa55a000f, 0xa55a0017, 0xa55a0007, 0xa55a000b, 0xa55a0013, 0xa55a001b]],
  ['json', [0xa55a000e, 0xa55a0016, 0xa55a0006, 0xa55a000a, 0xa55a0012, 0xa55a001a]],
] as const) {
  t.test(`C129 C137 ${format} records are frames, and stdout stays empty`, async t => {
    const before = BigInt(Date.now()) * 1000n
    await using fn = await startFunction({
      files: { 'index.js': LOGS },
      events: [{}],
      env: { _LAMBDA_TELEMETRY_LOG_FD: '3', AWS_LAMBDA_LOG_FORMAT: format },
    })
    await fn.answered(1)
    t.equal(fn.api.posts[0]?.body, 'null', 'the variable is gone')
    const frames = readFrames(fn.logPipe())
    t.same(
      frames.map(frame => frame.type),
      types,
    )
    const [first, second] = frames
    if (format === 'text') {
      t.match(first?.message, /^\S+Z\treq-0\tINFO\ti\nl\n$/)
      t.match(second?.message, /\tERROR\te ⚡\n$/)
    } else {
      t.match(JSON.parse(first?.message ?? ''), {
        level: 'INFO',
        requestId: 'req-0',
        message: 'i\nl',
      })
      t.notMatch(first?.message, /\n$/)
    }
    t.ok((first?.microseconds ?? 0n) >= before)
    t.equal(fn.stdout(), '')
  })
}

for (const value of ['0', 'x']) {
  t.test(`C129 _LAMBDA_TELEMETRY_LOG_FD=${value} is no descriptor: lines go to stdout`, async t => {
    await using fn = await startFunction({
      files: { 'index.js': 'exports.handler = async () => console.log("m")' },
      events: [{}],
      env: { _LAMBDA_TELEMETRY_LOG_FD: value },
    })
    await fn.answered(1)
    t.match(fn.stdout(), /\treq-0\tINFO\tm\n/)
  })
}

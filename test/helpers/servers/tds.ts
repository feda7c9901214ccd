// A stand-in for SQL Server, which nothing here may run: it speaks TDS 7.4 as a server does (prelogin, login, batches, remote
// procedure calls, transactions, bulk load, attention), so that the real clients connect, ask, fail, time out and cancel, and
// it understands as little of SQL as their tests need.
// https://learn.microsoft.com/openspecs/windows_protocols/ms-tds

import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import type { TestServer } from './processes.ts'

const BATCH = 0x01
const RPC = 0x03
const ANSWER = 0x04
const ATTENTION = 0x06
const BULK_LOAD = 0x07
const TRANSACTION = 0x0e
const LOGIN = 0x10
const PRELOGIN = 0x12

const HEADER_BYTES = 8
const IS_LAST = 0x01
/** Bits of a DONE. */
const DONE_ERROR = 0x02
const DONE_COUNT = 0x10
const DONE_ATTENTION = 0x20
/** Procedures that have a number. */
const EXECUTE_SQL = 10
const PREPARE = 11
const EXECUTE = 12

export async function startSqlServer(): Promise<TestServer> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
    serve(socket)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

function serve(socket: Socket): void {
  let bytes = Buffer.alloc(0)
  let message: Buffer[] = []
  const session: Session = { statements: [], isWaiting: false }
  socket.on('data', chunk => {
    bytes = Buffer.concat([bytes, chunk])
    while (bytes.length >= HEADER_BYTES && bytes.length >= bytes.readUInt16BE(2)) {
      const length = bytes.readUInt16BE(2)
      message.push(bytes.subarray(HEADER_BYTES, length))
      const type = bytes.readUInt8(0)
      const isLast = (bytes.readUInt8(1) & IS_LAST) !== 0
      bytes = bytes.subarray(length)
      if (!isLast) continue
      // What is broken off ends first.
      if (type === ATTENTION && session.isWaiting) socket.write(packet(done(DONE_ERROR)))
      const answer = answerTo(type, Buffer.concat(message), session)
      message = []
      session.isWaiting = answer === undefined
      if (answer !== undefined) socket.write(packet(answer))
    }
  })
}

interface Session {
  /** Prepared ones; their place is their handle. */
  readonly statements: string[]
  /** What was asked last has no answer. */
  isWaiting: boolean
}

function packet(body: Buffer): Buffer {
  const header = Buffer.from([ANSWER, IS_LAST, 0, 0, 0, 0, 1, 0])
  header.writeUInt16BE(HEADER_BYTES + body.length, 2)
  return Buffer.concat([header, body])
}

/** `undefined` for what is never answered. */
function answerTo(type: number, body: Buffer, session: Session): Buffer | undefined {
  switch (type) {
    case PRELOGIN:
      return PRELOGIN_ANSWER
    case LOGIN:
      return answerLogin(body)
    case BATCH:
      return answerStatement(body.toString('utf16le', body.readUInt32LE(0)), done)
    case RPC:
      return answerProcedure(body.subarray(body.readUInt32LE(0)), session)
    case TRANSACTION:
      return answerTransaction(body.readUInt16LE(body.readUInt32LE(0)))
    case BULK_LOAD:
      return done(DONE_COUNT, 2)
    case ATTENTION:
      return done(DONE_ATTENTION)
    default:
      throw new Error(`TDS: expected a message of a client, got type ${type}`)
  }
}

/** Version 16, no encryption, no instance, no thread, no parallel answers. */
const PRELOGIN_ANSWER = Buffer.concat([
  ...[
    [0, 26, 6],
    [1, 32, 1],
    [2, 33, 1],
    [3, 34, 0],
    [4, 34, 1],
  ].map(([option = 0, offset = 0, length = 0]) => Buffer.from([option, 0, offset, 0, length])),
  Buffer.from([0xff]),
  Buffer.from([16, 0, 0x10, 0, 0, 0]),
  Buffer.from([2, 0, 0]),
])

/** Where the place and length of the user's name and the database stand in a login. */
const USER_AT = 40
const DATABASE_AT = 68

function answerLogin(body: Buffer): Buffer {
  const read = (at: number): string => {
    const offset = body.readUInt16LE(at)
    return body.toString('utf16le', offset, offset + 2 * body.readUInt16LE(at + 2))
  }
  const user = read(USER_AT)
  if (user !== 'sa')
    return fail({ number: 18456, message: `Login failed for user '${user}'.` }, done)
  const program = shortText('Microsoft SQL Server')
  const acknowledged = Buffer.concat([Buffer.from([1, 0x74, 0, 0, 4]), program, Buffer.alloc(4)])
  return Buffer.concat([
    token(0xe3, Buffer.concat([Buffer.from([1]), shortText(read(DATABASE_AT)), shortText('')])),
    token(0xad, acknowledged),
    done(0),
  ])
}

/** How an answer ends: of a batch, or of a procedure. */
type Done = (status: number, rows?: number) => Buffer

function doneToken(code: number, status: number, rows: number): Buffer {
  const bytes = Buffer.alloc(13)
  bytes.writeUInt8(code, 0)
  bytes.writeUInt16LE(status, 1)
  bytes.writeBigUInt64LE(BigInt(rows), 5)
  return bytes
}

const done: Done = (status, rows = 0) => doneToken(0xfd, status, rows)

/** What the statement in it did, what the procedure returned, and its end. */
const doneProcedure: Done = (status, rows = 0) =>
  Buffer.concat([
    doneToken(0xff, status | 0x01, rows),
    Buffer.from([0x79, 0, 0, 0, 0]),
    doneToken(0xfe, status & DONE_ERROR, 0),
  ])

interface Failure {
  readonly number: number
  readonly message: string
}

const FAILURES: readonly (readonly [RegExp, Failure])[] = [
  [/\bmissing\b/, { number: 208, message: "Invalid object name 'missing'." }],
  [
    /\bduplicate\b/,
    {
      number: 2627,
      message:
        "Violation of PRIMARY KEY constraint 'PK_orders'. Cannot insert duplicate key in object 'dbo.orders'. The duplicate key value is (secret).",
    },
  ],
  [
    /\bCAST\b/,
    {
      number: 245,
      message: "Conversion failed when converting the nvarchar value 'secret' to data type int.",
    },
  ],
]

function answerStatement(statement: string, end: Done): Buffer | undefined {
  if (/^\s*WAITFOR\b/i.test(statement)) return undefined
  const failure = FAILURES.find(([pattern]) => pattern.test(statement))?.[1]
  if (failure !== undefined) return fail(failure, end)
  if (!/^\s*SELECT\b/i.test(statement)) return end(DONE_COUNT, 1)
  // One column, `id int`, and two rows.
  const column = Buffer.concat([Buffer.from([0x81, 1, 0, 0, 0, 0, 0, 0, 0, 0x38]), shortText('id')])
  const rows = [1, 2].map(id => Buffer.from([0xd1, id, 0, 0, 0]))
  return Buffer.concat([column, ...rows, end(DONE_COUNT, rows.length)])
}

function answerProcedure(body: Buffer, { statements }: Session): Buffer | undefined {
  const length = body.readUInt16LE(0)
  if (length !== 0xffff) {
    const name = body.toString('utf16le', 2, 2 + 2 * length)
    return answerStatement(name.includes('missing') ? name : `SELECT ${name}`, doneProcedure)
  }
  const procedure = body.readUInt16LE(2)
  const parameters = body.subarray(6)
  if (procedure === EXECUTE_SQL) return answerStatement(findText(parameters), doneProcedure)
  if (procedure === PREPARE) {
    statements.push(findText(parameters, 'stmt'))
    return Buffer.concat([returnHandle(statements.length), doneProcedure(0)])
  }
  if (procedure !== EXECUTE) return doneProcedure(0)
  // The handle is the first parameter's last four bytes: name, status, type, two lengths.
  const at = 1 + 2 * parameters.readUInt8(0) + 1 + 3
  return answerStatement(statements[parameters.readInt32LE(at) - 1] ?? '', doneProcedure)
}

/** A parameter of type nvarchar; the first one has the statement, or the one of that name. */
function findText(parameters: Buffer, name = ''): string {
  const named = Buffer.from(name, 'utf16le')
  const at = Math.max(0, parameters.indexOf(named))
  const type = parameters.indexOf(0xe7, at)
  const isLong = parameters.readUInt16LE(type + 1) === 0xffff
  const start = type + 1 + 2 + 5
  // Long ones come in chunks: their whole length, then that of the first one.
  const [size, from] = isLong
    ? [parameters.readUInt32LE(start + 8), start + 12]
    : [parameters.readUInt16LE(start), start + 2]
  return parameters.toString('utf16le', from, from + size)
}

function returnHandle(handle: number): Buffer {
  const value = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0x26, 4, 4, 0, 0, 0, 0])
  value.writeInt32LE(handle, value.length - 4)
  return Buffer.concat([Buffer.from([0xac, 0, 0]), shortText('handle'), value])
}

/** Begun, committed or rolled back: with the number that the transaction has, or had. */
function answerTransaction(request: number): Buffer {
  const number = Buffer.from([8, 1, 0, 0, 0, 0, 0, 0, 0])
  const none = Buffer.from([0])
  const changes: Readonly<Record<number, readonly Buffer[]>> = {
    5: [Buffer.from([8]), number, none],
    7: [Buffer.from([9]), none, number],
    8: [Buffer.from([10]), none, number],
  }
  const change = changes[request]
  return change === undefined
    ? done(0)
    : Buffer.concat([token(0xe3, Buffer.concat(change)), done(0)])
}

function fail({ number, message }: Failure, end: Done): Buffer {
  const head = Buffer.alloc(8)
  head.writeInt32LE(number, 0)
  head.writeUInt8(1, 4)
  head.writeUInt8(16, 5)
  head.writeUInt16LE(message.length, 6)
  const body = [head, Buffer.from(message, 'utf16le'), shortText('server'), shortText('')]
  const line = Buffer.from([1, 0, 0, 0])
  return Buffer.concat([token(0xaa, Buffer.concat([...body, line])), end(DONE_ERROR)])
}

/** With the length of what follows. */
function token(code: number, body: Buffer): Buffer {
  const head = Buffer.from([code, 0, 0])
  head.writeUInt16LE(body.length, 1)
  return Buffer.concat([head, body])
}

const shortText = (text: string): Buffer =>
  Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'utf16le')])

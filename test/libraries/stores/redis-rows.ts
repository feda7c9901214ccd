// What the clients of Redis are asked alike, and what that leaves.
import type { Row } from '../../helpers/store-table.ts'

/** The first command, which makes the value that others read. */
export const setRow = (call: string): Row => ({
  call,
  spans: [['SET']],
  attributes: {
    'db.system.name': 'redis',
    'db.namespace': '2',
    'db.operation.name': 'SET',
    'db.query.text': 'SET ? ?',
    'server.address': '127.0.0.1',
    'server.port': Number,
  },
})

export const GET_ROW: Row = {
  call: 'get',
  spans: [['GET']],
  attributes: { 'db.query.text': 'GET ?' },
}

export const FAILURE_ROWS: readonly Row[] = [
  {
    call: 'wrongType',
    spans: [['LPUSH!']],
    attributes: { 'error.type': 'WRONGTYPE', 'db.response.status_code': 'WRONGTYPE' },
  },
  { call: 'unknownCommand', spans: [['NOSUCH!']], attributes: { 'error.type': 'ERR' } },
]

export const MULTI_ROW: Row = {
  call: 'multi',
  spans: [['MULTI']],
  attributes: { 'db.operation.batch.size': 3 },
}

export const CONCURRENT_ROW: Row = { call: 'concurrent', spans: [['GET'], ['GET'], ['MGET']] }
export const UNHANDLED_ROW: Row = { call: 'unhandled', spans: [['LPUSH!'], ['GET']] }
export const PROMISE_ROW: Row = { call: 'promise', spans: [['GET']] }

// A database for a test file, and a server whose requests show what their parent is; both end with the test.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import type { TestServer } from '../../helpers/servers/processes.ts'
import { type Table, testStore } from '../../helpers/store-table.ts'

/** As `testStore`: fixtures of SQL libraries have spans of their own, and a request that shows what its parent is. */
export const testSql = (
  t: Test,
  table: Omit<Table<TestServer>, 'start'> & Partial<Pick<Table<TestServer>, 'start'>>,
): void =>
  testStore(t, { family: 'sql', ofFixture: /^(?:own|GET)\b/, start: NOTHING_TO_START, ...table })

/** One database serves all runs of a file. */
const NOTHING_TO_START = async (): Promise<TestServer> => ({
  port: 0,
  async [Symbol.asyncDispose]() {},
})

export interface Started {
  readonly port: number
  /** For the function. */
  readonly env: Readonly<Record<string, string>>
}

/** Where a server has its URL: in a variable of this name, with its port for `PORT`. */
export async function startWith(
  t: Test,
  start: () => Promise<TestServer>,
  url: string,
): Promise<Started> {
  const server = await start()
  t.teardown(() => server[Symbol.asyncDispose]())
  const { env } = await startService(t)
  return {
    port: server.port,
    env: { ...env, DATABASE_URL: url.replace('PORT', String(server.port)) },
  }
}

export async function startService(t: Test): Promise<Pick<Started, 'env'>> {
  const service = createServer((_, response) => response.end())
  await new Promise<void>(resolve => service.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    service.closeAllConnections()
    service.close()
  })
  return { env: { SERVICE_URL: `http://127.0.0.1:${(service.address() as AddressInfo).port}` } }
}

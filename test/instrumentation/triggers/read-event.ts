// Events of test/fixtures/events: fresh copies, so that no test sees what another did to one.

import { readFileSync } from 'node:fs'

const folder = new URL('../../fixtures/events/', import.meta.url)

export const readEvent = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'))

// Where tests keep what took minutes to fetch or to build: outside of the repository, by the hash of what it was made of.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** `BATON_TEST_CACHE` names another folder. */
const CACHE = process.env.BATON_TEST_CACHE ?? join(homedir(), '.cache', 'baton-tests')

/** The folder for what is made of all files of `source`; `kind` begins its name. Another `salt` is another folder. */
export function cacheFolder(kind: string, source: string, salt = ''): string {
  const hash = createHash('sha256').update(salt)
  for (const name of readdirSync(source).sort()) {
    hash.update(name).update(readFileSync(join(source, name)))
  }
  return join(CACHE, `${kind}-${hash.digest('hex').slice(0, 16)}`)
}

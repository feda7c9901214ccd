// Counterparts from Maven Central, by Maven itself, kept in a cache outside of the repository. What comes must be what was
// pinned: its hash is checked each time.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'

export interface MavenJar {
  readonly group: string
  readonly artifact: string
  readonly version: string
  /** Absent for a jar that has none. */
  readonly classifier?: string
  readonly sha256: string
}

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy'
const TIMEOUT_MS = 600_000

/** The file's path. Rejects, saying what to install, where it cannot be had. */
export async function fetchJar(jar: MavenJar): Promise<string> {
  const { group, artifact, version, classifier, sha256 } = jar
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'baton-interop')
  const suffix = classifier === undefined ? '' : `-${classifier}`
  const path = join(folder, `${artifact}-${version}${suffix}.jar`)
  if (!existsSync(path)) {
    await mkdir(folder, { recursive: true })
    const kind = classifier === undefined ? 'jar' : `jar:${classifier}`
    const coordinates = `${group}:${artifact}:${version}:${kind}`
    const args = ['-q', '-B', COPY, `-Dartifact=${coordinates}`, `-DoutputDirectory=${folder}`]
    await promisify(execFile)('mvn', args, { timeout: TIMEOUT_MS }).catch((cause: unknown) => {
      throw new Error(`${coordinates} could not be fetched: is Maven installed?`, { cause })
    })
  }
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  const got = hash.digest('hex')
  if (got !== sha256) throw new Error(`${path}: expected sha256 ${sha256}, got ${got}`)
  return path
}

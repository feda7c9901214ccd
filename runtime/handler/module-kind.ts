// Which loader a file is for, by Node's own rule: the nearest package.json's `type`.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** True where the nearest package.json above `directory` says `"type": "module"`. A node_modules folder ends the walk. */
export function isModuleScope(directory: string, warn: (message: string) => void): boolean {
  for (let current = directory; ; current = dirname(current)) {
    if (current.endsWith('/node_modules')) return false
    const path = join(current, 'package.json')
    const text = readIfPresent(path)
    if (text !== undefined) return hasModuleType(text, path, warn)
    if (dirname(current) === current) return false
  }
}

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function hasModuleType(text: string, path: string, warn: (message: string) => void): boolean {
  try {
    const manifest: unknown = JSON.parse(text)
    return (
      typeof manifest === 'object' &&
      manifest !== null &&
      'type' in manifest &&
      manifest.type === 'module'
    )
  } catch {
    warn(`${path} cannot be read, it will be ignored for ES module detection purposes.`)
    return false
  }
}

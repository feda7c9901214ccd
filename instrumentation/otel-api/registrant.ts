// The version of the copy of @opentelemetry/api that is setting something right now. Metrics, logs and `diag` are set
// by copies that refuse to do so beside another version. Only the stack tells which copy it is: from its file the way
// leads to its package, and in a bundle to the text of the comparison itself.
//
//   if (api.version !== version_1.VERSION)        if(e.version!==t.VERSION)        if (api.version !== "1.10.0")
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PACKAGE = '@opentelemetry/api'
/** From the call on, the comparison follows within the same function. */
const MAX_DISTANCE = 2000
/** Package, build, src, internal. */
const MAX_FOLDERS = 5
/** From here to the setter are five. */
const MAX_FRAMES = 8

interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** `undefined` when it cannot be told. To be called by the setter of the global. */
export function findRegistrantVersion(): string | undefined {
  const place = callerOf(readStack())
  if (place === undefined) return undefined
  return versionOfPackage(dirname(place.file)) ?? versionInText(place)
}

/** As it is, whatever the function makes of stacks: with source maps they name files that are not there. */
function readStack(): readonly Place[] {
  const { prepareStackTrace, stackTraceLimit } = Error
  try {
    Error.stackTraceLimit = MAX_FRAMES
    Error.prepareStackTrace = (_error, sites) => sites
    const sites = new Error().stack as unknown as readonly NodeJS.CallSite[]
    return sites.map(site => {
      const file = site.getFileName() ?? ''
      return {
        file: file.startsWith('file:') ? fileURLToPath(file) : file,
        line: site.getLineNumber() ?? 1,
        column: site.getColumnNumber() ?? 1,
      }
    })
  } finally {
    Error.prepareStackTrace = prepareStackTrace
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** What follows on the last frame of the runtime's own: built, its files are those of one folder. */
function callerOf(stack: readonly Place[]): Place | undefined {
  const own = dirname(stack[0]?.file ?? '')
  return stack[stack.findLastIndex(({ file }) => dirname(file) === own) + 1]
}

function versionOfPackage(start: string): string | undefined {
  let folder = start
  for (let up = 0; up < MAX_FOLDERS; up++, folder = dirname(folder)) {
    try {
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      if (manifest.name === PACKAGE) return manifest.version
    } catch {
      // No manifest here; or one without a name, of a folder inside of the package.
    }
  }
  return undefined
}

function versionInText({ file, line, column }: Place): string | undefined {
  const text = readFileSync(file, 'utf8')
  const at = offsetOf(text, line) + column - 1
  const compared = /\.version\s*!==\s*(?:"([^"]+)"|'([^']+)'|([\w$.]+))/.exec(
    text.slice(at, at + MAX_DISTANCE),
  )
  if (compared === null) return undefined
  const literal = compared[1] ?? compared[2]
  if (literal !== undefined) return literal
  // A bundle has modules in the order in which they need each other: the nearest one before is the one meant.
  const name = compared[3]?.split('.').at(-1)?.replaceAll('$', '\\$') ?? ''
  const assigned = new RegExp(`(?<![\\w$])${name}\\s*=\\s*["'](1\\.\\d+\\.\\d+)["']`, 'g')
  return [...text.slice(0, at).matchAll(assigned)].at(-1)?.[1]
}

function offsetOf(text: string, line: number): number {
  let offset = 0
  for (let each = 1; each < line; each++) offset = text.indexOf('\n', offset) + 1
  return offset
}

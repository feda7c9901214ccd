// The ranges of versions that the table of libraries states: comparators joined by blanks, all of which must hold.
//
//   >=3.24.0 <4      *
//
// A pre-release counts as the release it leads to: what it exports is what the release will.

/** True when the version, as package.json has it, is in the range. An unreadable version is in none but `*`. */
export function isInRange(version: string, range: string): boolean {
  if (range === '*') return true
  const numbers = parseVersion(version)
  if (numbers === undefined) return false
  return range.split(' ').every(comparator => {
    const isLower = comparator.startsWith('<')
    const bound = parseVersion(comparator.slice(isLower ? 1 : 2))
    if (bound === undefined || (!isLower && !comparator.startsWith('>='))) {
      throw new Error(`version range: expected >=VERSION or <VERSION, got "${comparator}"`)
    }
    const order = compare(numbers, bound)
    return isLower ? order < 0 : order >= 0
  })
}

function parseVersion(text: string): readonly number[] | undefined {
  const [release = ''] = text.split(/[-+]/, 1)
  const numbers = release.split('.').map(Number)
  return release !== '' && numbers.every(Number.isInteger) ? numbers : undefined
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < 3; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

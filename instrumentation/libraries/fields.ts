// Looking into what functions hand to libraries and what these answer: objects of any shape, of which only own properties count.

export type Fields = Readonly<Record<string, unknown>>

const NOTHING: Fields = {}

/** The object itself; an empty one for everything else. */
export const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : NOTHING

const read = (fields: Fields, name: string): unknown =>
  Object.hasOwn(fields, name) ? fields[name] : undefined

export function textOf(fields: Fields, name: string): string | undefined {
  const value = read(fields, name)
  return typeof value === 'string' ? value : undefined
}

export function numberOf(fields: Fields, name: string): number | undefined {
  const value = read(fields, name)
  return typeof value === 'number' ? value : undefined
}

export function flagOf(fields: Fields, name: string): boolean | undefined {
  const value = read(fields, name)
  return typeof value === 'boolean' ? value : undefined
}

export function listOf(fields: Fields, name: string): readonly unknown[] | undefined {
  const value = read(fields, name)
  return Array.isArray(value) ? value : undefined
}

/** The texts of a list, at most `limit` of them. */
export function textsOf(
  fields: Fields,
  name: string,
  limit: number,
): readonly string[] | undefined {
  const list = listOf(fields, name)
  return list?.slice(0, limit).filter(each => typeof each === 'string')
}

export const childOf = (fields: Fields, name: string): Fields => fieldsOf(read(fields, name))

/** What stands behind the last colon or slash: the name in an ARN or a queue's URL. */
export function lastPart(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  return text.slice(Math.max(text.lastIndexOf(':'), text.lastIndexOf('/')) + 1)
}

/** The one value that all have; `undefined` when there is none, or more than one. */
export function onlyOne(values: readonly (string | undefined)[]): string | undefined {
  const [first] = values
  return values.every(value => value === first) ? first : undefined
}

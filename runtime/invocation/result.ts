// The handler's result as the Runtime API takes it.
import { JsonStringifyError } from '../errors.ts'

/** JSON text; `undefined` is sent as `null`. Throws JsonStringifyError for what JSON cannot hold. */
export function writeResult(result: unknown): string {
  if (result === undefined) return 'null'
  let json: string | undefined
  try {
    json = JSON.stringify(result)
  } catch (error) {
    throw new JsonStringifyError(error)
  }
  // A function or a symbol.
  if (json === undefined) throw new JsonStringifyError()
  return json
}

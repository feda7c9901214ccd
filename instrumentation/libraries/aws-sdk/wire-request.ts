// One signed request as it goes out: what may be looked at of it. Its body and its signed headers are never touched.
import type { HttpTarget, RequestHeaders } from '../http-span.ts'

export interface WireRequest {
  readonly method: string
  readonly host: string
  /** Still encoded, without the query. */
  readonly path: string
  /** True for a query like `?acl`, or `?acl=`. */
  readonly hasBareQuery: boolean
  query(name: string): string | undefined
  header(name: string): string | undefined
}

export function toWireRequest(target: HttpTarget, headers: RequestHeaders): WireRequest {
  const at = target.path.indexOf('?')
  const search = at === -1 ? '' : target.path.slice(at + 1)
  const parameters = search === '' ? [] : search.split('&')
  return {
    method: target.method,
    host: target.host,
    path: at === -1 ? target.path : target.path.slice(0, at),
    hasBareQuery: parameters.some(each => !each.includes('=') || each.endsWith('=')),
    query(name) {
      const found = parameters.find(each => each === name || each.startsWith(`${name}=`))
      return found === undefined ? undefined : decodePath(found.slice(name.length + 1))
    },
    header: name => headers.get(name),
  }
}

/** Decoded where it can be. */
export function decodePath(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export interface Route {
  readonly method: string
  /** Parts joined by slashes; `*` is any one part. */
  readonly path: string
  readonly operation: string
}

export interface RouteMatch {
  readonly operation: string
  /** Decoded parts that stand where the route has `*`. */
  readonly parts: readonly string[]
}

/** The first route that the request takes. */
export function findRoute(routes: readonly Route[], request: WireRequest): RouteMatch | undefined {
  const parts = request.path.split('/').filter(part => part !== '')
  for (const { method, path, operation } of routes) {
    if (method !== request.method) continue
    const wanted = path.split('/')
    if (wanted.length !== parts.length) continue
    if (wanted.every((each, index) => each === '*' || each === parts[index])) {
      return { operation, parts: parts.filter((_, at) => wanted[at] === '*').map(decodePath) }
    }
  }
  return undefined
}

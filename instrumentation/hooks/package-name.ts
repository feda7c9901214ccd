// Where packages lie, and what they are called there.

export const NODE_MODULES = '/node_modules/'

/** `@scope/name` of `@scope/name/lib/file.js`. */
export const packageNameOf = (path: string): string =>
  path
    .split('/')
    .slice(0, path.startsWith('@') ? 2 : 1)
    .join('/')

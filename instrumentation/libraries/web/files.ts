// Which files of web frameworks are hooked.
import type { HookedFile } from '../../hooks/module-hooks.ts'

const fileOf = (
  library: string,
  [name, versions, file]: readonly [name: string, versions: string, file: string],
  wrap: string,
): HookedFile => ({ library, chunk: 'web', package: name, versions, file, wrap })

export const WEB_FILES: readonly HookedFile[] = [
  fileOf('express', ['express', '>=4.0.0 <5', 'lib/router/layer.js'], 'wrapExpressLayer'),
  fileOf('express', ['router', '>=2.0.0 <2.3.0', 'lib/layer.js'], 'wrapExpressLayer'),
]

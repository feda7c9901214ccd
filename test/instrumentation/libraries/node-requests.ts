// Requests by node:http that are waited for until they are closed: the last thing that happens to them.
import { once } from 'node:events'
import type { ClientRequest, IncomingMessage } from 'node:http'

/** Resolves when the request is over in every way; its error is told, not thrown. */
export async function closeOf(request: ClientRequest): Promise<NodeJS.ErrnoException | undefined> {
  let failure: NodeJS.ErrnoException | undefined
  request.on('error', error => {
    failure = error
  })
  await new Promise(resolve => request.once('close', resolve))
  return failure
}

/** Reads the whole response, and waits until the request is closed. */
export async function readAll(request: ClientRequest): Promise<string> {
  const closed = closeOf(request)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const chunks = await response.toArray()
  await closed
  return Buffer.concat(chunks).toString()
}

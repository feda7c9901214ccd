// Pointers: what both sides of a hop know when nothing can carry a context between them. The same short text stands on
// the span of the call that wrote and on the link of the invocation that reads; a backend joins the two.

/** The attribute's name, on spans and on links. */
export const ATTR_POINTER = 'baton.pointer'

export const s3Pointer = (bucket: string, key: string, etag: string): string =>
  hash('s3', bucket, key, etag.replaceAll('"', ''))

/** `keys` as DynamoDB's API has them: `{ "id": { "S": "1" } }`. */
export const dynamoPointer = (table: string, keys: Readonly<Record<string, unknown>>): string =>
  hash(
    'dynamodb',
    table,
    ...Object.keys(keys)
      .sort()
      .flatMap(key => [key, JSON.stringify(keys[key])]),
  )

export const kinesisPointer = (stream: string, sequenceNumber: string): string =>
  hash('kinesis', stream, sequenceNumber)

export const messagePointer = (messageId: string): string => hash('message', messageId)

/** FNV-1a twice, from two starts: 64 bits without `node:crypto`, whose load takes 5 ms. */
function hash(...parts: readonly string[]): string {
  const text = parts.join('\n')
  return part(text, 0x811c9dc5) + part(text, 0x9747b28c)
}

function part(text: string, start: number): string {
  let state = start
  for (let at = 0; at < text.length; at++) {
    state = Math.imul(state ^ text.charCodeAt(at), 0x01000193)
  }
  return (state >>> 0).toString(16).padStart(8, '0')
}

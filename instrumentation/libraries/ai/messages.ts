// What models are told and say, as the conventions write it; only texts are written, and no more of them than an attribute holds.
// https://github.com/open-telemetry/semantic-conventions-genai/blob/main/model/gen-ai/gen-ai-input-messages.json

export interface Message {
  readonly role: string
  /** A text, or a list of parts of which those with a text count. */
  readonly content: unknown
}

const MAX_MESSAGES = 16
/** Characters of one message; more of what is streamed is not kept. */
export const MAX_TEXT = 2048
/** What an attribute holds where no limit is set: JSON that is cut is none. */
const MAX_JSON = 8192

/** The last ones that there is room for. */
export function toJson(messages: readonly Message[], finishReason?: string): string {
  const kept: string[] = []
  let room = MAX_JSON - 2
  for (const message of messages.slice(-MAX_MESSAGES).reverse()) {
    const json = JSON.stringify({
      role: message.role,
      parts: [message.content].flat().slice(0, MAX_MESSAGES).map(toPart),
      ...(finishReason !== undefined && { finish_reason: finishReason }),
    })
    room -= json.length + 1
    if (room < 0) break
    kept.unshift(json)
  }
  return `[${kept}]`
}

function toPart(part: unknown): object {
  const { text, type } = Object(part)
  const said: unknown = typeof part === 'string' ? part : text
  return typeof said === 'string'
    ? { type: 'text', content: said.slice(0, MAX_TEXT) }
    : { type: String(type ?? 'unknown') }
}

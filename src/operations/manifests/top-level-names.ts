/**
 * The names of the members of a JSON object as they are written, repeated ones each time, which JSON's parser does not tell
 * (RFC 8259 §4). Called on text that was parsed already: it walks the text once, and takes for granted that it is JSON.
 */
export function topLevelNames(json: string): readonly string[] {
  const names: string[] = []
  let depth = 0
  let isName = false
  for (let at = 0; at < json.length; at += 1) {
    const character = json[at]
    if (character === '"') {
      const end = endOfString(json, at)
      if (depth === 1 && isName) names.push(JSON.parse(json.slice(at, end)))
      isName = false
      at = end - 1
    } else if (character === '{' || character === '[') {
      depth += 1
      isName = character === '{'
    } else if (character === '}' || character === ']') depth -= 1
    else if (character === ',') isName = true
  }
  return names
}

/** Behind its closing quote. */
function endOfString(json: string, start: number): number {
  let at = start + 1
  while (at < json.length && json[at] !== '"') at += json[at] === '\\' ? 2 : 1
  return at + 1
}

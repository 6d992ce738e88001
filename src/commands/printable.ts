/**
 * Text of others on an operator's terminal: what would move the cursor, change colours or turn the writing round is
 * shown as its code. Called by everything that writes for people; what is written for machines is JSON and needs none of it.
 */

/** Control and format characters and line separators, but the line feed. */
const UNPRINTABLE = /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

export function printable(text: string): string {
  return text.replace(UNPRINTABLE, character => `\\u{${character.codePointAt(0)?.toString(16)}}`)
}

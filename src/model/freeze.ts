/**
 * Freezes a JSON-safe value through and through: a record in a cache is shared by all its readers. What is frozen
 * already is taken to be so throughout, and not walked again.
 */
export function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value)
    if (Array.isArray(value)) for (const member of value) deepFreeze(member)
    else for (const name in value) deepFreeze(value[name])
  }
  return value
}

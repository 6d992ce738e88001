/** The list with the item in its place by the order, instead of one that is the same thing. Called by the kinds. */
export function put<T>(
  list: readonly T[],
  item: T,
  isSame: (other: T) => boolean,
  order: (one: T, other: T) => number,
): readonly T[] {
  const others = list.filter(other => !isSame(other))
  const place = others.findIndex(other => order(item, other) < 0)
  return place < 0 ? [...others, item] : others.toSpliced(place, 0, item)
}

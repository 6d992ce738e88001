/** Names the text fields of GraphiQL's editors for who hears them: it makes them without a name, and at times of its own. */

const LABELS: readonly (readonly [within: string, label: string])[] = [
  ['.graphiql-query-editor', 'Operation'],
  ['.graphiql-editor-tool', 'Variables'],
  ['.result-window', 'Answer'],
]

/** Gives what ends it. */
export function labelEditors(root: Element): () => void {
  const label = () => {
    for (const field of root.querySelectorAll('textarea:not([aria-label])')) {
      const [, text] = LABELS.find(([within]) => field.closest(within) !== null) ?? []
      if (text !== undefined) field.setAttribute('aria-label', text)
    }
  }
  label()
  const observer = new MutationObserver(label)
  observer.observe(root, { childList: true, subtree: true })
  return () => observer.disconnect()
}

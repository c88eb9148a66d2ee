// Expands $(NAME) in a text by the rules of a kubelet: $$ becomes $, and an undefined variable stays as it is.

export function expand (text: string, values: Readonly<Record<string, string>>): string {
  let expanded = ''
  for (let at = 0; at < text.length; at++) {
    const next = text[at + 1]
    if (text[at] !== '$' || next === undefined) {
      expanded += text[at]
      continue
    }
    const close = next === '(' ? text.indexOf(')', at + 2) : -1
    if (next === '(' && close !== -1) {
      const name = text.slice(at + 2, close)
      expanded += values[name] ?? `$(${name})`
      at = close
    } else {
      expanded += next === '$' ? '$' : `$${next}`
      at++
    }
  }
  return expanded
}

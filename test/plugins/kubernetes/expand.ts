// Replaces $(NAME) in a text as a kubelet does before it starts a container, written after its rules: $$ is one $, what
// is not defined stays.

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

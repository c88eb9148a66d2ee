// Formats the difference between two texts in the unified format of diff and patch.

const CONTEXT_LINES = 3

interface Step {
  readonly mark: ' ' | '-' | '+'
  readonly text: string
}

/** Returns an empty text if there is no difference. Intended for texts of some hundred lines. */
export function unifiedDiff (oldName: string, newName: string, oldText: string, newText: string): string {
  if (oldText === newText) return ''
  const steps = compare(linesOf(oldText), linesOf(newText))
  return [`--- ${oldName}`, `+++ ${newName}`, ...hunks(steps), ''].join('\n')
}

function linesOf (text: string): string[] {
  if (text === '') return []
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  else lines.push(`${lines.pop()}\n\\ No newline at end of file`)
  return lines
}

/** Returns the shortest list of steps between two lists, from their longest common subsequence. */
function compare (before: string[], after: string[]): Step[] {
  const common = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1))
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      common[i]![j] = before[i] === after[j]
        ? common[i + 1]![j + 1]! + 1
        : Math.max(common[i + 1]![j]!, common[i]![j + 1]!)
    }
  }
  const steps: Step[] = []
  let i = 0
  let j = 0
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      steps.push({ mark: ' ', text: before[i++]! })
      j++
    } else if (i < before.length && (j === after.length || common[i + 1]![j]! >= common[i]![j + 1]!)) {
      steps.push({ mark: '-', text: before[i++]! })
    } else {
      steps.push({ mark: '+', text: after[j++]! })
    }
  }
  return steps
}

function hunks (steps: Step[]): string[] {
  const near = steps.map((_, index) =>
    steps.slice(Math.max(0, index - CONTEXT_LINES), index + CONTEXT_LINES + 1).some(step => step.mark !== ' '))
  const lines: string[] = []
  const passed = { old: 0, new: 0 }
  for (let index = 0; index < steps.length;) {
    let end = index
    while (end < steps.length && near[end] === near[index]) end++
    const part = steps.slice(index, end)
    const size = {
      old: part.filter(step => step.mark !== '+').length,
      new: part.filter(step => step.mark !== '-').length
    }
    if (near[index]) {
      lines.push(`@@ -${range(passed.old, size.old)} +${range(passed.new, size.new)} @@`)
      lines.push(...part.map(step => step.mark + step.text))
    }
    passed.old += size.old
    passed.new += size.new
    index = end
  }
  return lines
}

function range (passed: number, size: number): string {
  return `${size === 0 ? passed : passed + 1},${size}`
}

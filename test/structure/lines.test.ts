import t from 'tap'
import { longCodeLines, longCommentLines, longProseLines } from './lines.ts'

const words = (columns: number): string => 'word '.repeat(columns).slice(0, columns)

t.test('a line of code over 120 columns is found, with strings and comments', async t => {
  t.strictSame(longCodeLines([words(120), words(121), `'${words(120)}'`, `// ${words(120)}/`].join('\n')), [2, 3, 4])
})

t.test('a regular expression on a line of its own may be longer', async t => {
  t.strictSame(longCodeLines([`  /^${words(130)}$/s,`, `  const a = /${words(130)}/`].join('\n')), [2])
})

t.test('a comment over 120 columns is found in a conf file, a value is not', async t => {
  const lines = [`# ${words(118)}`, `# ${words(119)}`, `  # ${words(119)}`, words(121)]
  t.strictSame(longCommentLines(lines.join('\n')), [2, 3])
})

t.test('a line of prose over 120 columns is found, unless it is of a table or a code block', async t => {
  const page = [words(121), '```', words(121), '```', `| ${words(121)} |`, `    ${words(121)}`, `- ${words(121)}`]
  t.strictSame(longProseLines(page.join('\n')), [1, 7])
})

t.test('a link that is too long itself may be', async t => {
  t.strictSame(longProseLines(`[${words(60)}](https://example.com/${'x'.repeat(60)})`), [])
  t.strictSame(longProseLines(`${words(80)} [a link](https://example.com/${'x'.repeat(30)})`), [1])
})

// The names of the tests in a file: each has to be understood without the others.

const CALL = /\b(?:t\.test|show|fuzz)\(\s*(?:t,\s*)?(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)"|`((?:\\.|[^`\\])*)`)/g
const METHOD = /^ {2}async '((?:\\.|[^'\\])*)' \(/gm
const LEANS = /^(?:the same|and|so|nor|but|or|also)\b/

export function testNames (text: string): string[] {
  return [CALL, METHOD].flatMap(pattern =>
    Array.from(text.matchAll(pattern), ([, ...forms]) => forms.find(form => form !== undefined)!)
  )
}

export function nameProblems (names: readonly string[]): string[] {
  return [
    ...names.filter((name, index) => names.indexOf(name) !== index).map(name => `"${name}" is there twice`),
    ...names.filter(name => LEANS.test(name)).map(name => `"${name}" needs the name before it`)
  ]
}

// Finds the types of a package that an entry's declarations name, but that the entry does not export.

import ts from 'typescript'

/** `entry` is a declaration file, and files in `folder` are the package's own. Returns names with their files. */
export function namesNotExported (program: ts.Program, entry: string, folder: string): string[] {
  const checker = program.getTypeChecker()
  const module = checker.getSymbolAtLocation(program.getSourceFile(entry)!)!
  const original = (symbol: ts.Symbol): ts.Symbol =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  const exported = new Set(checker.getExportsOfModule(module).map(original))
  const missing = new Set<string>()

  function visit (node: ts.Node): void {
    const name = nameOf(node)
    const symbol = name && checker.getSymbolAtLocation(name)
    if (symbol !== undefined && !exported.has(original(symbol))) {
      const { name, declarations = [] } = original(symbol)
      for (const declaration of declarations.filter(isOwn)) {
        if (!ts.isTypeParameterDeclaration(declaration)) missing.add(`${name} of ${fileOf(declaration)}`)
      }
    }
    ts.forEachChild(node, visit)
  }

  const fileOf = (declaration: ts.Declaration): string => declaration.getSourceFile().fileName.slice(folder.length)
  const isOwn = (declaration: ts.Declaration): boolean => declaration.getSourceFile().fileName.startsWith(folder)
  for (const { declarations = [] } of exported) declarations.filter(isOwn).forEach(visit)
  return [...missing].sort()
}

/** Returns the name in a type reference, a heritage clause or a `typeof`. */
function nameOf (node: ts.Node): ts.Node | undefined {
  if (ts.isTypeReferenceNode(node)) return node.typeName
  if (ts.isExpressionWithTypeArguments(node)) return node.expression
  if (ts.isTypeQueryNode(node)) return node.exprName
  return undefined
}

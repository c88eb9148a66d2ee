// Finds the types of a package that an entry's declarations name, but that the entry does not export.

import ts from 'typescript'

/** `entry` is a declaration file, and files in `folder` are the package's own. Returns names with their files. */
export function namesNotExported (program: ts.Program, entry: string, folder: string): string[] {
  const checker = program.getTypeChecker()
  const module = checker.getSymbolAtLocation(program.getSourceFile(entry)!)!
  const original = (symbol: ts.Symbol): ts.Symbol => symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  const exported = new Set(checker.getExportsOfModule(module).map(original))
  const missing = new Set<string>()

  function visit (node: ts.Node): void {
    const name = nameOf(node)
    const symbol = name && checker.getSymbolAtLocation(name)
    if (symbol !== undefined) {
      const named = original(symbol)
      const declaration = named.declarations?.[0]
      const file = declaration?.getSourceFile().fileName
      if (file?.startsWith(folder) && isOfModule(declaration!) && !exported.has(named)) missing.add(`${named.name} of ${file.slice(folder.length)}`)
    }
    ts.forEachChild(node, visit)
  }

  for (const symbol of exported) {
    for (const declaration of symbol.declarations ?? []) if (declaration.getSourceFile().fileName.startsWith(folder)) visit(declaration)
  }
  return [...missing].sort()
}

/** What a type reference, a heritage clause or a `typeof` names. */
function nameOf (node: ts.Node): ts.Node | undefined {
  if (ts.isTypeReferenceNode(node)) return node.typeName
  if (ts.isExpressionWithTypeArguments(node)) return node.expression
  if (ts.isTypeQueryNode(node)) return node.exprName
  return undefined
}

/** False for a type parameter. */
function isOfModule (declaration: ts.Declaration): boolean {
  return !ts.isTypeParameterDeclaration(declaration)
}

// Reads {"schema": {"labels", "relationshipTypes"}, "files": {name: text}} from standard input and prints
// {name: {"formatted": text, "problems": [{"line", "column", "message"}]}}.
import { readFileSync, writeFileSync } from "node:fs";
import { formatQuery, isNotParamError, lintCypherQuery } from "@neo4j-cypher/language-support";

const { schema, files } = JSON.parse(readFileSync(0, "utf8"));
const results = {};
for (const [name, text] of Object.entries(files)) {
  const problems = lintCypherQuery(text, { ...schema, defaultLanguage: "CYPHER 25" })
    .diagnostics.filter(isNotParamError) // parameters are held to the file's header
    .map(({ range: { start }, message }) => ({ line: start.line + 1, column: start.character + 1, message }));
  results[name] = { formatted: `${formatQuery(text).formattedQuery}\n`, problems };
}
writeFileSync(1, JSON.stringify(results));

// The names that are most like a text.
//
// Parameters:
//   text: STRING    a query of full text
//   label: STRING    the label of what is meant
//   limit: INTEGER    the largest number of rows
// Returns:
//   name: STRING    a name; the URI of a dataset
CALL
  db.index.fulltext.queryNodes(
    'search_names',
    $text,
    {limit: 200}
  )
  YIELD node, score
WITH node, score
WHERE $label IN labels(node)
WITH
  coalesce(node.uri, node.package_name, node.name) AS name,
  max(score) AS best
RETURN name
ORDER BY best DESC, name
LIMIT $limit

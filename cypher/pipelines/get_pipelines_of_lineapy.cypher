// The contents of all pipelines of a name, as far as LineaPy can have made them.
//
// Those with parameters or reused artifacts are left out.
//
// Parameters:
//   name: STRING    the pipelines' name
// Returns:
//   artifacts: LIST<LIST<ANY>>    name and version of each artifact that it makes
//   dependencies: LIST<MAP>    post: name and version; pre: the names and versions made before it
MATCH (pipeline:Pipeline {name: $name})
WHERE
  size(pipeline.parameters) = 0 AND
  NOT EXISTS {
  (pipeline)-[:REUSES]->(:Artifact)
  }
RETURN
  [
    (pipeline)-[:CONTAINS]->(artifact:Artifact)
    | [artifact.name, artifact.version]
  ] AS artifacts,
  [
    (pipeline)-[order:ORDERS]->(post:Artifact)
    | {
      post: [post.name, post.version],
      pre:
        [
          (post)-[dependency:DEPENDS_ON]->(pre:Artifact)
          WHERE dependency.dependency_id = order.dependency_id
          | [pre.name, pre.version]
        ]
    }
  ] AS dependencies

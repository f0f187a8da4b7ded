// The pipelines of these names with everything that they hold, to compare them by.
//
// Parameters:
//   names: LIST<STRING>    names of pipelines
// Returns:
//   name: STRING    the pipeline's name
//   parameters: LIST<STRING>    the variables that it takes
//   contained: LIST<LIST<ANY>>    name and version of each artifact that it makes
//   reused: LIST<LIST<ANY>>    name and version of each artifact that it reuses
//   dependencies: LIST<MAP>    post: name and version of an artifact; pre: those of each made before it
MATCH (pipeline:Pipeline)
WHERE pipeline.name IN $names
RETURN
  pipeline.name AS name,
  pipeline.parameters AS parameters,
  [(pipeline)-[:CONTAINS]->(artifact:Artifact) | [artifact.name, artifact.version]] AS contained,
  [(pipeline)-[:REUSES]->(artifact:Artifact) | [artifact.name, artifact.version]] AS reused,
  [(pipeline)-[order:ORDERS]->(post:Artifact) |
    {
      post: [post.name, post.version],
      pre: [(post)-[:DEPENDS_ON {dependency_id: order.dependency_id}]->(pre:Artifact) |
        [pre.name, pre.version]
      ]
    }
  ] AS dependencies

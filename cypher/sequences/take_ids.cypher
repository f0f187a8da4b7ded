// Takes the next ids of a sequence.
//
// Ids are never given twice, also when what they were taken for fails.
//
// Parameters:
//   name: STRING    the sequence: artifact, pipeline, dependency or mlflow_metadata
//   count: INTEGER    how many
// Returns:
//   last: INTEGER    the last of them
CYPHER replan = skip
MERGE (sequence:Sequence {name: $name})
  ON CREATE SET sequence.last = 0
SET sequence.last = sequence.last + $count
RETURN sequence.last AS last

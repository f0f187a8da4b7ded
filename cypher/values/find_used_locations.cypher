// Those of these places that a node value refers to.
//
// Parameters:
//   locations: LIST<STRING>    paths or URLs
// Returns:
//   location: STRING    one that is referred to
UNWIND $locations AS location
MATCH (value:NodeValue {value: location})
RETURN DISTINCT location

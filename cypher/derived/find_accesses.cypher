// Calls that may read or write artifacts, files, tables or URLs: what is called, and with which literals.
//
// It locks the edges across sessions, as lock_derivation.
//
// Parameters:
//   ids: LIST<STRING>    ids of nodes, of which the calls are looked at
//   names: LIST<STRING>    the names of the functions of interest
// Returns:
//   id: STRING    the call's id
//   name: STRING    the name of its function
//   modules: LIST<STRING>    the module that the function is taken from, and its package: "PIL." of from PIL import Image
//   path: STRING | NULL    the literal that the object was made with whose method is called: of pathlib.Path("x")
//   folder: STRING | NULL    the session's working directory
//   changes: LIST<STRING>    what LineaPy says that it changes outside: file_system, db
//   arguments: LIST<LIST<ANY>>    index, keyword, value and type of literals, starred; of engines the literal of their URL
//   is_method: BOOLEAN    whether the function is an attribute of something
MERGE (sequence:Sequence {name: 'edges across sessions'})
SET sequence.locked_at = localdatetime()
WITH count(*) AS locked
UNWIND $ids AS id
MATCH (call:Node&CallNode {id: id})-[:CALLS]->(function:Node)
WITH
  call,
  function,
  [(function)-[:CALLS]->(:LookupNode {name: 'getattr'}) | 1 ] AS taken
WITH
  call,
  function,
  taken,
  CASE
    WHEN function:LookupNode THEN function.name
    WHEN
      size(taken) > 0
      THEN
        [
          (function)-[:POSITIONAL_ARG {index: 1}]->(attribute:LiteralNode)
          | attribute.value
        ][0]
  END AS name
WHERE name IN $names
OPTIONAL MATCH (function)-[:POSITIONAL_ARG {index: 0}]->(base:Node)
WHERE size(taken) > 0
OPTIONAL MATCH (call)-[:IN_SESSION]->(session:Session)
RETURN
  call.id AS id,
  name,
  [
    (base)-[:CALLS]->(:LookupNode {name: 'l_import'})
    | [
      (base)-[:POSITIONAL_ARG {index: 0}]->(module:LiteralNode)
      | module.value
    ][0]
  ] +
  [
    (base)-
    [:POSITIONAL_ARG {index: 1}]->
    (package:CallNode)-
    [:CALLS]->
    (:LookupNode {name: 'l_import'})
    | [
      (package)-[:POSITIONAL_ARG {index: 0}]->(module:LiteralNode)
      | module.value
    ][0]
  ] +
  [
    (base)-
    [:POSITIONAL_ARG {index: 0}]->
    (package:CallNode)-
    [:CALLS]->
    (:LookupNode {name: 'l_import'})
    WHERE
      EXISTS {
        MATCH (base)-[:CALLS]->(:LookupNode {name: 'getattr'})
      }
    | [
      (package)-[:POSITIONAL_ARG {index: 0}]->(module:LiteralNode)
      | module.value + '.'
    ][0]
  ] +
  [
    (base)-
    [:CALLS]->
    (:CallNode)-
    [:POSITIONAL_ARG {index: 1}]->
    (maker:LiteralNode {value: 'Path'})
    | 'pathlib'
  ] AS modules,
  [
    (base)-
    [:CALLS]->
    (:CallNode)-
    [:POSITIONAL_ARG {index: 1}]->
    (:LiteralNode {value: 'Path'})
    | [(base)-[:POSITIONAL_ARG {index: 0}]->(part:LiteralNode) | part.value ][0]
  ][0] AS path,
  session.working_directory AS folder,
  [
    (change:MutateNode)-[:MUTATED_BY]->(call)
    | [(change)-[:MUTATES*1..]->(state:LookupNode) | state.name ][0]
  ] AS changes,
  [
    (call)-[argument:POSITIONAL_ARG|KEYWORD_ARG]->(given)
    | [
      CASE type(argument)
        WHEN 'POSITIONAL_ARG' THEN argument.index
      END,
      CASE type(argument)
        WHEN 'KEYWORD_ARG' THEN argument.name
      END,
      CASE
        WHEN given:LiteralNode THEN given.value
      END,
      CASE
        WHEN given:LiteralNode THEN given.value_type
      END,
      coalesce(argument.starred, false)
    ]
  ] +
  [
    (call)-
    [argument:POSITIONAL_ARG|KEYWORD_ARG]->
    (engine:CallNode)-
    [:CALLS]->
    (:CallNode)-
    [:POSITIONAL_ARG {index: 1}]->
    (:LiteralNode {value: 'create_engine'})
    | [
      CASE type(argument)
        WHEN 'POSITIONAL_ARG' THEN argument.index
      END,
      CASE type(argument)
        WHEN 'KEYWORD_ARG' THEN argument.name
      END,
      [(engine)-[:POSITIONAL_ARG {index: 0}]->(url:LiteralNode) | url.value ][0],
      'String',
      coalesce(argument.starred, false)
    ]
  ] AS arguments,
  size(taken) > 0 AS is_method

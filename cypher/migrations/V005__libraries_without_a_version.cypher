// LineaPy records the version of a module that has none as "None", which earlier versions took for a library's version.
MATCH (library:Library)
WHERE library.package_name = "None" OR library.version = "None"
MATCH (library)<-[link:OF_LIBRARY]-(:ImportNode)
CALL (link) {
  DELETE link
} IN TRANSACTIONS OF 10000 ROWS;

MATCH (library:Library)
WHERE library.package_name = "None" OR library.version = "None"
CALL (library) {
  DETACH DELETE library
} IN TRANSACTIONS OF 10000 ROWS

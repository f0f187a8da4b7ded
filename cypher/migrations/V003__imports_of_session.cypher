// The imports of a session are few among its nodes.
CREATE INDEX import_node_session IF NOT EXISTS
FOR (node:ImportNode)
ON (node.session_id)

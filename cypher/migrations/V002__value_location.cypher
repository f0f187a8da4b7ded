// Values are looked up by where they are stored, before one is deleted.
CREATE INDEX node_value_location IF NOT EXISTS
FOR (value:NodeValue)
ON (value.value)

-- The rows of one delivery, for where the Storage Read API may not be used. {columns} and {restriction} are what a
-- read session would be given as its selected fields and its row restriction.
SELECT {columns}
FROM {table}
WHERE {restriction}

"""The SQLite database: connection, schema, migrations, and conversion of values."""

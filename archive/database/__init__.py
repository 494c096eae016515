"""The SQLite file: connection, schema, migrations, conversion of values."""

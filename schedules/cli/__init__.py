"""The command line: `khobao` and its commands."""

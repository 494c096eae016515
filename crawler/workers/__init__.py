"""Run worker processes, the only place where content from strangers is parsed."""

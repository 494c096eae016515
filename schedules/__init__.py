"""Decide when to work: settings, the pipeline that joins the stages, and the command line."""

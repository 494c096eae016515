"""Watch the outlets: health, drift of their pages, alerts, metrics."""

"""Charts: a page returns a frozen chart; one helper process draws it with Vega-Lite as SVG or PNG."""

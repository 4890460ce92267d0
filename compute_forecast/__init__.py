"""The command compute-forecast.

It is a package of its own because it uses both the engine and the dashboard, and neither may depend
on it. It reads inputs with the dashboard's links and writes results with its exports, so that it
accepts, refuses and prints what the pages and the API do. Neither needs Streamlit; only
`compute-forecast serve` does.
"""

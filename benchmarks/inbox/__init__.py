"""The inbox under the clock: a filled store, the real dashboard, a real browser, and thirty agents over websockets.

`store` fills and keeps the database, `probe` is the dashboard with a stopwatch in it, `bare` the least that Streamlit
can do, `browser` presses keys, `agents` speaks Streamlit's protocol, `split` reads the stopwatch.
"""

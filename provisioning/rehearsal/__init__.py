"""A class before the class: simulated attendees log in, start, run a cell, have an answer judged and stop, all at once.

What they meet is what a browser meets: the login form, the start page, JupyterHub's API, a kernel's websocket.
"""

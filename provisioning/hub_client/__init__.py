"""A client of a workshop's hub, which does as a browser does: cookies, the login form, pages, a kernel's websocket.

    client.py ─> visitor.py     somebody who logs in, starts a session and ends it
        │           └─> kernel.py     code in that session
        └─> page_data.py        what a page says to programs

Rehearsals and the checks of a host use it. It knows a workshop by its URL only.
"""

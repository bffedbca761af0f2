"""The reading room: the archive in a browser, by Datasette with pages and a dress of ours. An optional extra.

Nothing else imports this package, and it alone imports Datasette. How a page comes about:

- `pages/` has a module a page or a family of them. It declares `ROUTES`: pairs of a pattern of the path and an
  ``async def page(visit: Visit) -> Response``. Its name stands in `MODULES` of `pages/__init__.py`.
- A page asks for facts with ``await visit.ask(question)``: `question` gets a `Reader` (storage/read/reader.py) on one
  consistent state of the archive and runs within a time limit. It never writes, and SQL stays in storage functions.
- It answers with ``await visit.show("name.html", ...)``. Templates extend ``base.html`` and fill its blocks `title`
  and `content`; colours, faces and measures are the variables of ``static/room.css``.
- Links between pages come from `links.py`, also in templates.
- What went wrong is raised (`NotHere`, any DatelineError) and becomes a page with one clear line.

Every answer leaves through the gate (`gate.py`): it checks the Host, takes GET and HEAD alone, and gives an answer
that brings no Content-Security-Policy of its own the strict one: nothing inline, nothing from elsewhere.
"""

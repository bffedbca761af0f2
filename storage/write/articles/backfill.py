"""What a migration fills in an archive that is older than the table `edits`: the changes, and stamps of visits."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, select, text

from storage.db.schema import alterations, edits
from storage.write.articles.edits import retell
from storage.write.articles.template_changes import judge_all
from storage.write.frontier.disappearances import fill_absences


def fill(connection: Connection) -> None:
    """Tells the changes of all articles, where none are told yet.

    Only articles with a second revision or an absence are looked at. No page is read again: the times of a visit are
    known only where it gave a revision.
    """
    if any(connection.execute(select(table).limit(1)).first() for table in (edits, alterations)):
        return
    connection.execute(text(_STAMPS))
    for (article_id,) in connection.execute(text(_EDITED)).all():
        retell(connection, article_id)
    judge_all(connection)
    fill_absences(connection)


_EDITED: Final = "SELECT DISTINCT article_id FROM revisions WHERE number > 1 ORDER BY article_id"

# As `rows.stamp` writes it.
_STAMPS: Final = """
UPDATE snapshots SET stamp = (
  SELECT '[' || COALESCE('"' || r.published_at || '"', 'null') || ', '
         || COALESCE('"' || r.modified_at || '"', 'null') || ']'
  FROM revisions r WHERE r.article_id = snapshots.article_id AND r.snapshot_id = snapshots.snapshot_id
  ORDER BY r.correction DESC LIMIT 1)
WHERE kind = 'article' AND reading = 'article' AND stamp IS NULL"""

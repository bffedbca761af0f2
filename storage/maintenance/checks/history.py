"""Whether the rows of `edits` follow from what the archive holds of each article."""

from __future__ import annotations

from sqlalchemy import Connection, text

from storage.maintenance.checks import Check
from storage.terminal.amounts import counted
from storage.write.articles.edits import retell, retold, standing
from storage.write.frontier.disappearances import settle_absence


def check(connection: Connection, check: Check) -> None:
    """Tells every edit again and compares.

    Whether articles vanished was decided when it happened: of these only the last is compared with how they stand.
    """
    ids = [int(number) for (number,) in connection.execute(text(_CONCERNED))]
    check.expect(len(ids))
    count = 0
    for article_id in ids:
        right, there = retold(connection, article_id), standing(connection, article_id)
        count += len(right.edits)
        if right.edits != there.edits:
            check.find(f"articles {article_id}", "its edits are not those that follow from its revisions", derived=True)
        elif right != there:
            check.find(f"articles {article_id}", "what differs between its revisions is noted otherwise", derived=True)
        check.step()
    for article_id, message in connection.execute(text(_ABSENCES)):
        check.find(f"articles {article_id}", message, derived=True)
    check.says = f"{counted(count, 'edit')} of articles"


def mend(connection: Connection) -> None:
    """Tells the edits of every article again, and whether it vanished."""
    for (article_id,) in connection.execute(text(_CONCERNED)).all():
        retell(connection, article_id)
    for article_id, _ in connection.execute(text(_ABSENCES)).all():
        settle_absence(connection, article_id)


_CONCERNED = """
SELECT article_id FROM revisions WHERE number > 1 OR correction > 0 OR cause IS NOT NULL OR change_hash IS NOT NULL
UNION SELECT article_id FROM edits WHERE kind = 'edited'
UNION SELECT article_id FROM alterations
ORDER BY 1"""
_ABSENCES = """
SELECT a.article_id, CASE
  WHEN a.status = 'gone' THEN 'is gone, which is not told among the changes, or as of another time'
  ELSE 'is not gone, but was last told to have vanished' END
FROM articles a
LEFT JOIN edits e ON e.edit_id = (
  SELECT l.edit_id FROM edits l WHERE l.article_id = a.article_id AND l.kind IN ('vanished', 'returned')
  ORDER BY l.at DESC, l.edit_id DESC LIMIT 1)
WHERE a.revision_id IS NOT NULL
  AND ((a.status = 'gone' AND (e.kind IS NULL OR e.kind <> 'vanished' OR e.at <> a.gone_at))
    OR (a.status <> 'gone' AND e.kind = 'vanished'))
ORDER BY a.article_id"""

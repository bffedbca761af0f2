"""The vocabulary of the invented wire. No such place, person or office exists.

Templates name words in braces. A word of `KEPT` stays the same within a story; every other is drawn anew.
"""

from __future__ import annotations

# fmt: off

DATELINE_CREDIT = "mini-BelTA"  # a miniature of BelTA, and told from it at a glance

RUBRICS = {  # slug of the address -> label on the page: the two differ for the economy, as they do at BelTA
    "politics": "Politics",
    "economics": "Economy",
    "society": "Society",
    "culture": "Culture",
    "sport": "Sport",
    "regions": "Regions",
    "video": "Video",
}

_FIRST = (
    "Ardith", "Bertrand", "Calla", "Dorrin", "Elspeth", "Fenwick", "Gisela", "Hobart", "Ilse", "Jorun",
    "Katrin", "Lorcan", "Maude", "Nils", "Ottilie", "Percival", "Quenby", "Rosalind", "Sören", "Tamsin",
    "Ulrika", "Valdis", "Wilfred", "Xenia", "Yorick", "Zélie",
)
_LAST = (
    "Applethwick", "Brackenfell", "Copperlath", "Dunlathe", "Emberwick", "Flintermoor", "Gorsebridge",
    "Hollowmere", "Ironquill", "Juniperholt", "Kettlewrack", "Larkspindle", "Marrowby", "Nettlefrost",
    "Owlbarrow", "Plumbridge", "Quillfeather", "Rushwater", "Saltmarrow", "Tindlewick", "Umberley",
    "Vexholm", "Wrenfold", "Yarrowgate",
)

KEPT = frozenset(
    {"place", "place2", "office", "office2", "person", "person2", "surname", "project", "event", "team", "team2"},
)

WORDS: dict[str, tuple[str, ...]] = {
    "person": tuple(f"{first} {last}" for first in _FIRST for last in _LAST),
    "place": (
        "Brindlemere", "Calder Reach", "Dunwater", "Eastermoor", "Fennmarch", "Gullhaven", "Halvorin", "Inkwell Bay",
        "Kestrel Point", "Larkhaven", "Morrowick", "Netherglen", "Ostwick", "Port Pelican", "Quarrytown",
        "Ravenholt-on-Sea", "Saltbridge", "Tessel", "Upper Tarn", "Vintermark", "Westerlock", "Zelmar",
    ),
    "office": (
        "Ministry of Canals", "Lighthouse Board", "Bureau of Winds", "Tramways Office", "Institute of Cloud Studies",
        "Guild of Ferrymen", "Council of Orchards", "Mint and Measures Authority", "State Bell Foundry",
        "Committee for Small Railways", "Department of Bridges", "Peat and Heather Agency", "Chamber of Clockmakers",
        "Harbour Commission", "Academy of Maps", "Ministry of Snow and Thaw",
    ),
    "post": (
        "minister", "deputy minister", "chief engineer", "chairwoman", "chairman", "spokeswoman",
        "head of the supervisory board", "director general", "first secretary", "permanent representative",
    ),
    "project": (
        "a floating market", "the third canal lock", "a night ferry line", "a seed library", "the narrow-gauge depot",
        "a fog-signal station", "an ice-cellar museum", "the tidal mill", "a school of cartography",
        "the heather greenhouse",
        "a bell workshop", "the upper reservoir", "a beekeepers’ exchange", "the old semaphore tower",
    ),
    "goods": (
        "barley", "dried apples", "copper wire", "tram wheels", "clockwork parts", "linen sails", "peat briquettes",
        "heather honey", "slate tiles", "bottled fog", "river ice", "cider", "felt boots", "tin lanterns",
    ),
    "event": (
        "Lantern Festival", "Festival of Ferries", "Kite Congress", "Thaw Fair", "Biennale of Maps",
        "Bell Ringers’ Fair",
        "Winter Regatta", "Orchard Parade", "Congress of Small Railways",
    ),
    "team": (
        "Brindlemere Otters", "Tessel Herons", "Saltbridge Anchors", "Zelmar Comets", "Vintermark Skaters",
        "Ostwick Millers",
        "Larkhaven Gulls", "Quarrytown Hammers",
    ),
    "game": (
        "curling", "canal rowing", "ice hockey", "handball", "orienteering", "cross-country skating", "chess", "quoits",
    ),
    "month": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ),
    "count": (
        "six", "eleven", "14", "23", "37", "48", "more than 60", "about 75", "over 120",
        "some 300", "almost 450", "1,200", "3,480", "12,600",
    ),
    "few": ("two", "three", "four", "five", "seven", "nine"),
    "percent": ("2.4", "3.1", "4.7", "5.5", "6.8", "8.2", "9.9", "11.3", "14.6", "21", "27.5", "33"),
    "money": ("1.2 million", "3.6 million", "7.5 million", "18 million", "42 million", "115 million"),
    "season": ("spring", "summer", "autumn", "winter"),
    "verb": ("open", "rebuild", "extend", "restore", "enlarge", "relocate", "modernise"),
    "quality": (
        "reliable", "quiet", "modest", "well lit", "carefully restored", "frost-proof", "silent", "storm-proof",
    ),
    "adverb": ("considerably", "slightly", "steadily", "noticeably", "gradually"),
}
WORDS["place2"], WORDS["office2"], WORDS["person2"], WORDS["team2"] = (
    WORDS["place"], WORDS["office"], WORDS["person"], WORDS["team"],
)

HEADLINES: dict[str, tuple[str, ...]] = {
    "politics": (
        "{office} and {office2} agree on {project}",
        "{place} council backs plan to {verb} {project}",
        "{person}: {place} needs {quality} bridges",
        "Envoys from {place2} arrive in {place} for talks on {goods}",
        "New {office} charter to take effect in {month}",
        "{place} and {place2} sign accord on ferry timetables",
        "{surname} appointed head of {office}",
    ),
    "economics": (
        "{place} exports of {goods} up by {percent}%",
        "{office} to invest {money} crowns in {project}",
        "{place} to {verb} {project} by {month}",
        "Output of {goods} grows {adverb} in {place} region",
        "{count} firms bid to {verb} {project} in {place}",
        "Price of {goods} down {percent}% in {month}",
    ),
    "society": (
        "{count} volunteers to help {verb} {project} in {place}",
        "{place} schools to keep shorter hours in {season}",
        "{office} launches hotline for skippers",
        "Free trams for pupils in {place} from {month}",
        "{person}’s collection of tin lanterns goes to {place} museum",
        "More than half of {place} households sort their ashes, {office} says",
    ),
    "culture": (
        "{event} opens in {place}",
        "{place} theatre to tour {place2} in {month}",
        "{event} to bring together {count} guests",
        "Restored manuscript “Songs of the Lower Canal” on show in {place}",
        "{person} wins prize of {office} for a novel about {place}",
        "Film about {project} premieres in {place}",
    ),
    "sport": (
        "{team} beat {team2} in {game} opener",
        "{place} to host {game} championship in {month}",
        "{person} takes {game} gold in {place}",
        "{team} sign {person} for {few} seasons",
        "{game} squad named for the {event}",
    ),
    "regions": (
        "{place} to {verb} {project}",
        "Ferry between {place} and {place2} to run again in {season}",
        "{event} draws {count} visitors to {place}",
        "{place} clears snow from {count} kilometres of track",
        "Heavy fog closes harbour of {place}",
        "{place} marks {few} centuries of {project}",
    ),
}

OPENINGS = (
    "The {office} has a plan to {verb} {project} in {place}, {person}, {post} of the {office}, told the media.",
    "{place} will {verb} {project} before the end of {season}, the {office} has announced.",
    "Representatives of {place} and {place2} met on the margins of the {event} to discuss supplies of {goods}.",
    "{person}, {post} of the {office}, visited {place} to see how the work on {project} is going.",
    "{count} guests from {place2} attended the opening of the {event} in {place}, the {office} said in a statement.",
    "Deliveries of {goods} from {place} to {place2} rose by {percent}% against {month}, according to the {office}.",
    "The {team} and the {team2} will meet in {place} in {month}, the organisers of the {event} have confirmed.",
)

SENTENCES = (
    "“We expect {project} to become {quality} for everyone who lives in {place},” {person} said.",
    "“It took us {few} winters to find a {quality} answer, and now {place2} asks for our drawings,” {surname} added.",
    "According to the {office2}, {count} people will be employed there from {month} on.",
    "The cost is put at {money} crowns, of which {percent}% will come from the budget of {place}.",
    "Over the past {few} years {place} has {adverb} increased its output of {goods}.",
    "{person2} of the {office2} recalled that the two towns have worked together since the first {event}.",
    "The project also provides for a {quality} landing stage and {count} lamps along the towpath.",
    "The contract was signed at the {event} in the presence of {person2}.",
    "In {month} alone, {count} tonnes of {goods} passed through the lock of {place}.",
    "“Those who doubted it should come and count the lanterns,” {person2} told reporters.",
    "A similar scheme has been running in {place2} for {few} years, and {count} families have joined it.",
    "The {office} will publish the results in {month}; until then the old timetable stays in force.",
    "Residents can hand in their proposals at the {office2} until the end of {season}.",
    "As reported earlier, the {office} rejected the first draft because it left out the ferrymen.",
    "The jury will consider {count} entries, {few} of them from {place2}.",
    "Engineers had to lower the water by {few} metres to reach the old foundations.",
    "The share of {goods} in the trade between {place} and {place2} makes up {percent}%.",
    "The {team} have lost only {few} of their home matches since {month}.",
)

CAPTIONS = (
    "{place}. An archive photo",
    "{person}. Photo courtesy of the {office}",
    "{event} in {place}",
    "Work on {project} in {place}. Photo courtesy of the {office2}",
    "{person} and {person2}",
    "“The third lock is next,” {person} says. An archive photo",
)

TAGS = (
    "Canals", "Ferries", "Harbours", "Lanterns", "Orchards", "Small railways", "Weather",
    "Maps & charts", "Bells", "Trams",
)

CORRECTIONS: dict[str, tuple[str, ...]] = {
    "headline": ("update", "new figures", "statement", "details"),
    "sentence": (
        "An earlier version of this report gave another number; the correct one is {count}.",
        "The figure was later put at {count}.",
        "Another {count} people joined in the course of the day.",
        "The list was completed with {count} names in the evening.",
    ),
}

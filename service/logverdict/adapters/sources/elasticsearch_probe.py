"""What an Elasticsearch says of itself: version, user, privileges, fields, and a sample of documents."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from logverdict.adapters.sources.elasticsearch_ask import Asker, Body
from logverdict.adapters.sources.elasticsearch_fields import Chosen, choose, mapped
from logverdict.adapters.sources.elasticsearch_query import ALL, Clause, Wanted, build
from logverdict.domain.errors import QueryRejected, SourceUnavailable
from logverdict.domain.probe import Privilege, Probe, Record
from logverdict.domain.window import Window

SAMPLE = 50
MOST_PLACES = 100
NEEDED = ("read", "view_index_metadata")
LONGEST_VALUE = 1_000


async def probe(asker: Asker, asked: Wanted, span: Window) -> Probe:
    """Raises SourceUnavailable, and QueryRejected where we are not let in; what is refused later is in `faults`."""
    server = await _server(asker)
    user, roles, notes = await _user(asker)
    known: dict[str, Any] = {
        "server": server,
        "user": user,
        "roles": roles,
        "notes": notes,
        "privileges": await _privileges(asker, asked.options.index) if user else (),
        "everything": not asked.options.filters and asked.query.text.strip() in ALL,
    }
    try:
        answer = await asker.once(_capabilities(asked))
        known["types"] = _types(answer)
        known["places"] = tuple(sorted(map(str, answer.get("indices", ()))))[:MOST_PLACES]
        hits = await _sample(asker, asked, answer, span)
    except QueryRejected as fault:
        return Probe(**known, faults=(fault.message,))
    return Probe(**known, records=tuple(map(_record, hits[0])), newest=hits[1], faults=hits[2])


async def _server(asker: Asker) -> str:
    """Who may read an index may not always ask for this."""
    try:
        answer = await asker.once(lambda client: client.info())
    except QueryRejected as fault:
        if fault.details.get("status") != "403":
            raise
        return "Elasticsearch"
    return f"Elasticsearch {answer.get('version', {}).get('number', '')}".strip()


async def _user(asker: Asker) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """User, roles, notes. A server without security has no such question."""
    try:
        answer = await asker.once(lambda client: client.security.authenticate())
    except QueryRejected as fault:
        if fault.details.get("status") == "401":
            raise
        return "", (), ("the server has no users: its security is off",)
    except SourceUnavailable:
        return "", (), ("the server does not say who we are",)
    return str(answer.get("username", "")), tuple(map(str, answer.get("roles", ()))), ()


async def _privileges(asker: Asker, index: Sequence[str]) -> tuple[Privilege, ...]:
    """On the names of the profile; other clusters are not asked, and parts left out need none."""
    names = [name for name in index if ":" not in name and not name.startswith("-")]
    if not names:
        return ()
    ask = [{"names": names, "privileges": list(NEEDED)}]
    try:
        answer = await asker.once(lambda client: client.security.has_privileges(index=ask))
    except (QueryRejected, SourceUnavailable):
        return ()
    return tuple(
        Privilege(f"{need} on {name}", bool(granted.get(need)))
        for name, granted in sorted(answer.get("index", {}).items())
        for need in NEEDED
    )


def _capabilities(asked: Wanted) -> Any:
    index = list(asked.options.index)
    return lambda client: client.field_caps(index=index, fields=["*"], include_unmapped=True, allow_no_indices=False)


def _types(answer: Body) -> Mapping[str, str]:
    found = {}
    for name, kinds in answer.get("fields", {}).items():
        metadata = any(kind.get("metadata_field") for kind in kinds.values())
        if not metadata and (words := sorted(kind for kind in kinds if kind != "unmapped")):
            found[name] = " or ".join(words) + (" (not in all indices)" if "unmapped" in kinds else "")
    return found


async def _sample(
    asker: Asker, asked: Wanted, answer: Body, span: Window
) -> tuple[list[Body], datetime | None, tuple[str, ...]]:
    """Documents, when the newest of any time is, and why none can be read. Without a time or message in the profile's
    fields, any documents: they show what the fields should be."""
    found, index = mapped(answer), list(asked.options.index)
    try:
        chosen = choose(found, asked.fields)
    except QueryRejected as fault:
        hits = await _search(asker, index, {"match_all": {}}, ())
        return hits, None, (fault.message,)
    in_span = build(asked, found, chosen, span)
    hits = await _search(asker, index, in_span, chosen.time)
    newest = hits or await _search(asker, index, _any_time(in_span), chosen.time)
    return hits or newest, _time(newest, chosen), ()


def _any_time(query: Clause) -> Clause:
    """`build` puts the span first, and what has to match after it."""
    return {"bool": {"filter": query["bool"]["filter"][1:]}}


async def _search(asker: Asker, index: list[str], query: Clause, time: Sequence[str]) -> list[Body]:
    sort = [{name: {"order": "desc", "unmapped_type": "date"}} for name in time[:1]]
    answer = await asker.once(
        lambda client: client.search(
            index=index,
            query=query,
            size=SAMPLE,
            sort=sort or None,
            source=False,
            fields=[{"field": "*"}, *({"field": name, "format": "strict_date_optional_time"} for name in time)],
            track_total_hits=False,
            allow_no_indices=False,
        )
    )
    return list(answer["hits"]["hits"])


def _time(hits: Sequence[Body], chosen: Chosen) -> datetime | None:
    for hit in hits[:1]:
        values = hit.get("fields") or {}
        for name in chosen.time:
            with suppress(ValueError, LookupError):
                return datetime.fromisoformat(str(values[name][0]))
    return None


def _record(hit: Body) -> Record:
    values = hit.get("fields") or {}
    return {
        str(name): str(found[0])[:LONGEST_VALUE]
        for name, found in values.items()
        if found and not isinstance(found[0], dict | list)
    }

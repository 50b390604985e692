"""The scripts by which a server keys messages: their text never changes, what differs is in their parameters."""

from collections.abc import Mapping, Sequence
from typing import Any

from logverdict.adapters.sources.elasticsearch_fields import Chosen
from logverdict.adapters.sources.elasticsearch_scan import SCAN
from logverdict.adapters.sources.records import RECORD, labelled
from logverdict.analysis.key import MAX_KEYED, METHODS, SUSPECT_STARTS, UNREDUCED
from logverdict.analysis.key_words import CODE_WORDS, SAID_WORDS, STATUS_WORDS, TALLY_WORDS

KEY = "logverdict_key"
TIME = "logverdict_time"
"""The runtime fields; no document has fields of these names."""
PARTED = "\n"
"""Between what the script gives before the key; no level, instance or version holds it."""

_ENTRY = """
def dig(Map record, String name) {
  if (record.containsKey(name)) { return record.get(name); }
  for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
    def inner = record.get(name.substring(0, dot));
    if (inner instanceof Map) {
      def found = dig((Map) inner, name.substring(dot + 1));
      if (found != null) { return found; }
    }
  }
  return null;
}
def deep(Map record, String name) {
  def found = record.get(name);
  if (found != null) { return found; }
  found = dig(record, name);
  int dot = name.indexOf('.');
  if (found != null || dot < 0 || record.containsKey(name)) { return found; }
  def inner = record.get(name.substring(0, dot));
  if (!(inner instanceof List)) { return null; }
  List all = new ArrayList();
  for (def one : inner) {
    if (one instanceof Map) { all.add(deep((Map) one, name.substring(dot + 1))); }
  }
  return all;
}
String firstText(Map source, List names) {
  for (int n = 0; n < names.size(); n++) {
    def value = deep(source, (String) names.get(n));
    if (value instanceof String) {
      String text = (String) value;
      if (text.length() > 0) { return text; }
    } else if (value != null) {
      return null;
    }
  }
  return '';
}
String plain(def value) {
  if (value == null) { return ''; }
  if (value instanceof String || value instanceof Integer || value instanceof Long || value instanceof Boolean) {
    return value.toString();
  }
  if (!(value instanceof List)) { return null; }
  for (def one : value) {
    String text = plain(one);
    if (text == null || text.length() > 0) { return text; }
  }
  return '';
}
String firstValue(Map source, Map doc, List fields, String line) {
  for (def field : fields) {
    String name = field.name;
    String value = '';
    if (!field.column) {
      value = plain(deep(source, name));
      if (value == null) { return null; }
    } else if (doc.containsKey(name)) {
      for (def one : doc.get(name)) { if (value.length() == 0) { value = one.toString(); } }
    }
    if (value.length() > 0) {
      int first = value.indexOf(line);
      return first < 0 ? value : value.substring(0, first);
    }
  }
  return '';
}
String entry(Map source, Map params) {
  String message = firstText(source, params.message);
  if (message == null) { return params.unreduced; }
  if (message.length() == 0) { return message; }
  int c = message.charAt(0);
  if (SUSPECT_FIRST) {
    for (def start : params.suspect) { if (message.startsWith(start)) { return params.unreduced; } }
  }
  List details = params.details;
  if (c != RECORD && details.size() > 0) {
    String line = params.line;
    int end = message.indexOf(line);
    String first = end < 0 ? message : message.substring(0, end);
    String rest = end < 0 ? '' : message.substring(end);
    for (def detail : details) {
      String value = '';
      for (def name : detail.names) {
        if (value.length() == 0) { value = plain(deep(source, name)); }
        if (value == null) { return params.unreduced; }
      }
      end = value.indexOf(line);
      if (end >= 0) { value = value.substring(0, end); }
      if (value.length() > 0) { first = first + ' ' + detail.label + '=' + value; }
    }
    message = first + rest;
  }
  List stacks = params.stack;
  if (stacks.size() > 0) {
    String stack = firstText(source, stacks);
    if (stack == null) { return params.unreduced; }
    String line = params.line;
    if (stack.indexOf(line) >= 0 && !message.contains(stack)) { message = message + line + stack; }
  }
  return keyed(message, params);
}
"""
_MAIN = """
Map own = (Map) params.own;
Map source = own.get('documents') ? (Map) params._source : new HashMap();
List messages = own.get('message');
String key = messages.size() > 0 ? entry(source, own) : '';
List parts = own.get('parts');
if (parts.size() > 0) {
  String line = own.get('line');
  String lead = '';
  for (def fields : parts) {
    String value = firstValue(source, doc, fields, line);
    if (value == null) {
      key = own.get('unreduced');
      value = '';
    }
    lead = lead + value + line;
  }
  key = lead + key;
}
emit(key);
"""
_FIRST = " || ".join(f"c == {sign}" for sign in sorted({ord(start[0]) for start in SUSPECT_STARTS}))
KEY_SCRIPT = f"{SCAN}{_ENTRY.replace('SUSPECT_FIRST', _FIRST).replace('RECORD', str(ord(RECORD)))}{_MAIN}"
TIME_SCRIPT = """
for (def name : params.time) {
  if (doc.containsKey(name) && doc.get(name).size() > 0) {
    long at = doc.get(name).get(0).toInstant().toEpochMilli();
    if (at >= params.floor) { emit(at); }
    return;
  }
}
"""
# One parameter holds them all: to look into `params` itself takes a third of the time of a document.
_WORDS: Mapping[str, Any] = {
    "most": MAX_KEYED,
    "codes": dict.fromkeys(CODE_WORDS, 1),
    "answers": dict.fromkeys(STATUS_WORDS, 1),
    "said": dict.fromkeys(SAID_WORDS, 1),
    "tallies": dict.fromkeys(TALLY_WORDS, 1),
    "methods": dict.fromkeys(METHODS, 1),
    "suspect": list(SUSPECT_STARTS),
    "unreduced": UNREDUCED,
    "line": PARTED,
}


def key_field(chosen: Chosen, parts: Sequence[Sequence[str]], *, messages: bool) -> Mapping[str, Any]:
    """A runtime field that holds the first value of each of `parts`, PARTED, and then the key of the message: ""
    without a message, UNREDUCED where a read has to look. `messages`: whether messages are wanted at all."""
    own = {
        "message": list(chosen.message) if messages else [],
        "stack": list(chosen.stack) if messages else [],
        "details": [{"label": label, "names": names} for label, names in labelled(chosen.details) if messages],
        "parts": [[{"name": name, "column": name in chosen.columns} for name in part] for part in parts],
        "documents": messages or any(name not in chosen.columns for part in parts for name in part),
    }
    return {KEY: {"type": "keyword", "script": {"source": KEY_SCRIPT, "params": {"own": {**_WORDS, **own}}}}}


def time_field(chosen: Chosen, floor: int) -> Mapping[str, Any]:
    """A runtime field that holds the smallest of a document's times, in milliseconds; nothing before `floor`."""
    return {TIME: {"type": "date", "script": {"source": TIME_SCRIPT, "params": {"time": chosen.time, "floor": floor}}}}
